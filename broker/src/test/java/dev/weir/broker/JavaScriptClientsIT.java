package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** rsocket-js against a broker; what it does is in examples/browser/test. */
class JavaScriptClientsIT {
  private static final Path SCRIPTS =
      Path.of(System.getProperty("basedir", "."), "..", "examples", "browser");

  @TempDir private Path dir;
  private RunningBroker broker;
  private HttpServer restarts;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(hasNode(), "there is no node on the PATH");
    assumeTrue(
        Files.isDirectory(SCRIPTS.resolve("node_modules/puppeteer-core")),
        "packages are not installed: run npm ci in examples/browser");
    broker = RunningBroker.in(dir.resolve("data"));
    restarts = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    restarts.createContext("/", this::restart);
    restarts.start();
  }

  @AfterEach
  void stop() {
    if (restarts != null) {
      restarts.stop(0);
    }
    if (broker != null) {
      broker.close();
    }
  }

  @Test
  void rsocketJsWorksOverTcpAndWebSocket() throws Exception {
    assertPass("test/clients.test.js");
  }

  @Test
  void thePageWorksInChromium() throws Exception {
    assumeTrue(hasChromium(), "there is no Chromium in /usr/bin, and none is named in CHROMIUM");
    assertPass("test/page.test.js");
  }

  private void assertPass(String script) throws Exception {
    Path output = dir.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder("node", "--test", script)
            .directory(SCRIPTS.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "WEIR_PORT", Integer.toString(port()),
                "WEIR_HTTP_PORT", Integer.toString(httpPort()),
                "WEIR_RESTART", "http://127.0.0.1:" + restarts.getAddress().getPort() + "/"));
    Process tests = builder.start();
    boolean ended = tests.waitFor(120, TimeUnit.SECONDS);
    tests.descendants().forEach(ProcessHandle::destroyForcibly);
    tests.destroyForcibly().waitFor();
    assertThat(ended).describedAs("ended in time: %s", Files.readString(output)).isTrue();
    assertThat(tests.exitValue()).describedAs("%s", Files.readString(output)).isZero();
  }

  /** On the same ports, with the same data; answers when it is ready. */
  private void restart(HttpExchange request) throws IOException {
    int port = port();
    int httpPort = httpPort();
    broker.close();
    broker =
        RunningBroker.in(
            dir.resolve("data"),
            Map.of(
                SettingKeys.PORT, Integer.toString(port),
                SettingKeys.HTTP_PORT, Integer.toString(httpPort)));
    request.sendResponseHeaders(200, -1);
    request.close();
  }

  private int port() {
    return broker.server().rsocketAddress().getPort();
  }

  private int httpPort() {
    return broker.server().httpAddress().getPort();
  }

  private static boolean hasNode() {
    try {
      return new ProcessBuilder("node", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean hasChromium() {
    return Stream.of(System.getenv("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/google-chrome")
        .filter(Objects::nonNull)
        .anyMatch(path -> Files.isExecutable(Path.of(path)));
  }
}
