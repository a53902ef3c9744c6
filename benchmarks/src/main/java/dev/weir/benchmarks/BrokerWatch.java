package dev.weir.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a running Weir broker takes: its resident memory and processor time from the system, its
 * direct memory from {@code /metrics}, its heap from {@code jstat}.
 */
final class BrokerWatch implements AutoCloseable {
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);

  private final long pid;
  private final URI metrics;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process jstat;
  private volatile double heapMegabytes = Double.NaN;

  BrokerWatch(long pid, int httpPort) throws IOException {
    this.pid = pid;
    this.metrics = URI.create("http://127.0.0.1:" + httpPort + "/metrics");
    this.jstat =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jstat").toString(),
                "-J-Xmx16m",
                "-gc",
                Long.toString(pid),
                "1000")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Thread reader = new Thread(this::readHeap, "jstat-reader");
    reader.setDaemon(true);
    reader.start();
  }

  double residentMegabytes() throws IOException {
    return Machine.megabytes(pid, "VmRSS");
  }

  double directMegabytes() throws IOException, InterruptedException {
    return meter("weir_memory_direct_bytes") / (1 << 20);
  }

  /** In use, garbage included; NaN before the first line. */
  double heapMegabytes() {
    return heapMegabytes;
  }

  double cpuSeconds() throws IOException {
    return Machine.cpuSeconds(pid);
  }

  /** A value of {@code /metrics}. */
  double meter(String name) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(metrics).timeout(LONGEST_ANSWER).build();
    String text = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IOException("/metrics has no " + name + ":\n" + text));
  }

  @Override
  public void close() {
    jstat.destroy();
  }

  private void readHeap() {
    try (BufferedReader lines = jstat.inputReader()) {
      String[] names = words(lines.readLine());
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] values = words(line);
        double kib = 0;
        for (int i = 0; i < Math.min(names.length, values.length); i++) {
          // survivors, eden, old generation
          if (names[i].matches("S0U|S1U|EU|OU") && !values[i].equals("-")) {
            kib += Double.parseDouble(values[i]);
          }
        }
        heapMegabytes = kib / 1024;
      }
    } catch (IOException e) {
      heapMegabytes = Double.NaN; // closed, or shown as what it is: not known
    }
  }

  private static String[] words(@Nullable String line) {
    return line == null ? new String[0] : line.trim().split("\\s+", -1);
  }
}
