package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** rsocket-js against a broker; what it does is in examples/browser/test. */
class JavaScriptClientsIT {
  private static final Path SCRIPTS =
      Path.of(System.getProperty("basedir", "."), "..", "examples", "browser");

  @TempDir private Path dir;

  @Test
  void rsocketJsWorksOverTcpAndWebSocket() throws Exception {
    assumeTrue(hasNode(), "there is no node on the PATH");
    assumeTrue(
        Files.isDirectory(SCRIPTS.resolve("node_modules")),
        "packages are not installed: run npm ci in examples/browser");
    Path output = dir.resolve("output");
    try (RunningBroker broker = RunningBroker.in(dir.resolve("data"))) {
      ProcessBuilder builder =
          new ProcessBuilder("node", "--test", "test/clients.test.js")
              .directory(SCRIPTS.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder
          .environment()
          .put("WEIR_PORT", Integer.toString(broker.server().rsocketAddress().getPort()));
      builder
          .environment()
          .put("WEIR_HTTP_PORT", Integer.toString(broker.server().httpAddress().getPort()));
      Process tests = builder.start();
      boolean ended = tests.waitFor(60, TimeUnit.SECONDS);
      tests.destroyForcibly().waitFor();
      assertThat(ended).describedAs("ended in time: %s", Files.readString(output)).isTrue();
      assertThat(tests.exitValue()).describedAs("%s", Files.readString(output)).isZero();
    }
  }

  private static boolean hasNode() throws InterruptedException {
    try {
      return new ProcessBuilder("node", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
