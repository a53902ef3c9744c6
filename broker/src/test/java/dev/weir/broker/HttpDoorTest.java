package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may come in through the HTTP port. */
class HttpDoorTest {
  @TempDir Path dir;

  private static void openWebSocket(RunningBroker broker, String origin) {
    int port = broker.server().httpAddress().getPort();
    HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .header("Origin", origin)
        .buildAsync(URI.create("ws://127.0.0.1:" + port + "/rsocket"), new WebSocket.Listener() {})
        .join()
        .abort();
  }

  @Test
  void pagesOfOtherSitesMayOpenNoWebSocket() {
    try (RunningBroker broker = RunningBroker.in(dir)) {
      assertThatThrownBy(() -> openWebSocket(broker, "http://evil.example"))
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              e -> assertThat(e.getResponse().statusCode()).isEqualTo(403));
      openWebSocket(broker, "http://localhost:3000");
      openWebSocket(broker, "http://127.0.0.1:" + broker.server().httpAddress().getPort());
    }
  }

  @Test
  void pagesOfSitesThatAreNamedMay() {
    try (RunningBroker broker =
        RunningBroker.in(dir, Map.of("http.origins", "http://a.example, http://b.example"))) {
      openWebSocket(broker, "http://a.example");
      openWebSocket(broker, "http://b.example");
    }
  }

  @Test
  void oneAddressMayHoldOnlySoManyConnectionsThatAskForNothing() throws Exception {
    try (RunningBroker broker = RunningBroker.in(dir, Map.of("strangers.address.max", "4"))) {
      int port = broker.server().httpAddress().getPort();
      List<Socket> idle = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10);
        idle.add(socket);
      }
      await().until(() -> idle.stream().filter(HttpDoorTest::isClosedByServer).count() == 6);
      for (Socket socket : idle) {
        socket.close();
      }
      URI ready = URI.create("http://127.0.0.1:" + port + "/health/ready");
      await()
          .ignoreExceptions()
          .until(
              () ->
                  HttpClient.newHttpClient()
                          .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString())
                          .statusCode()
                      == 200);
    }
  }

  private static boolean isClosedByServer(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
