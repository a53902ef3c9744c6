package dev.weir.broker.campaign;

import static org.awaitility.Awaitility.await;

import dev.weir.broker.process.ServerProcess;
import dev.weir.broker.process.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What a broker shows over HTTP. */
final class HttpPages {
  private final HttpClient client = HttpClient.newHttpClient();
  private final String base;

  HttpPages(ServerProcess broker) {
    base = "http://127.0.0.1:" + broker.httpPort();
  }

  String get(String path) throws IOException {
    try {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(base + path)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  /** A meter without labels, by its name in Prometheus's text. */
  double meter(String name) throws IOException {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IOException("there is no meter " + name));
  }

  void awaitMeter(String name, double least) {
    await()
        .atMost(WeirProcess.DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> meter(name) >= least);
  }
}
