package dev.weir.broker.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong: one clear line on standard error, the right exit code, nothing half done. */
class WrongInputIT {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  @TempDir private static Path dir;
  private static ServerProcess server;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    server = new ServerProcess(dir);
    server.run("topic", "create", "there", "--partitions", "2").exitsWith(0);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void anUnknownTopicIsNamed() throws IOException, InterruptedException {
    refused(server.run("produce", "missing"), FAILED, "missing");
    refused(server.run("consume", "missing", "--exit-at-end"), FAILED, "missing");
    refused(server.run("topic", "describe", "missing"), FAILED, "missing");
    refused(server.run("topic", "delete", "missing"), FAILED, "missing");
    refused(
        server.run("topic", "alter", "missing", "--config", "retention.ms=1"), FAILED, "missing");
    refused(server.run("perf", "consume", "missing", "--records", "1"), FAILED, "missing");
  }

  @Test
  void anUnknownTopicFailsWhileTheInputIsStillOpen() throws IOException, InterruptedException {
    try (WeirProcess produce = server.begin(Redirect.PIPE, "produce", "missing")) {
      refused(produce, FAILED, "missing");
    }
  }

  @Test
  void aBadPartitionIsNamedWithThoseThereAre() throws IOException, InterruptedException {
    refused(server.run("produce", "there", "--partition", "2"), FAILED, "partitions 0 to 1");
    refused(server.run("consume", "there", "--partition", "7"), FAILED, "no partition 7");
    refused(server.run("consume", "there", "--partition", "-1"), FAILED, "no partition -1");
  }

  @Test
  void anOffsetWithoutItsPartitionIsWrongUsage() throws IOException, InterruptedException {
    refused(server.run("consume", "there", "--from", "offset:1"), WRONG_USAGE, "--partition");
  }

  @Test
  void anOffsetOutsideTheLogIsNamed() throws IOException, InterruptedException {
    refused(
        server.run("consume", "there", "--partition", "0", "--from", "offset:999"), FAILED, "999");
  }

  @Test
  void aTopicThatExistsIsNotCreatedAgain() throws IOException, InterruptedException {
    refused(server.run("topic", "create", "there"), FAILED, "there");
  }

  @Test
  void aTopicIsCreatedWithItsSettingsOrNotAtAll() throws IOException, InterruptedException {
    refused(server.run("topic", "create", "bad/name"), FAILED, "bad/name");
    refused(
        server.run("topic", "create", "half", "--config", "retention.sm=1"),
        FAILED,
        "retention.sm");
    refused(
        server.run("topic", "create", "half", "--config", "segment.bytes=x"),
        FAILED,
        "segment.bytes");
    refused(server.run("topic", "create", "half", "--replication-factor", "3"), FAILED, "replica");
    assertThat(server.run("topic", "list").exitsWith(0).out()).doesNotContain("half", "bad");
  }

  @Test
  void aLineOverTheLimitIsNamedAndTheLinesBeforeAreDelivered()
      throws IOException, InterruptedException {
    String most = "x".repeat(1 << 20);
    Path input = Files.writeString(dir.resolve("long"), most + "\nb\n" + most + "y\nd\n", US_ASCII);
    server.run("topic", "create", "long").exitsWith(0);
    WeirProcess produce = server.run("produce", "long", "--file", input.toString());
    refused(produce, FAILED, "line 3 has 1048577 bytes");
    assertThat(produce.err()).contains("1048576").contains("2 lines were acknowledged");
    WeirProcess consume =
        server.run("consume", "long", "--from", "earliest", "--exit-at-end").exitsWith(0);
    assertThat(Lines.of(consume.outFile())).containsExactly(most, "b");
  }

  @Test
  void aServerThatIsNotThereFailsAfterFiveSeconds() throws IOException, InterruptedException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    WeirProcess list = WeirProcess.start(dir, "topic", "list", "--server", "127.0.0.1:" + port);
    refused(list, FAILED, "127.0.0.1:" + port);
  }

  @Test
  void somethingElseThatListensIsNoBroker() throws IOException, InterruptedException {
    String list = "no broker answered at 127.0.0.1:";
    refused(
        WeirProcess.start(dir, "topic", "list", "--server", "127.0.0.1:" + server.httpPort()),
        FAILED,
        list + server.httpPort());
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      refused(WeirProcess.start(dir, "topic", "list", "--server", address), FAILED, address);
    }
  }

  @Test
  void aPortInUseIsNamed() throws IOException, InterruptedException {
    String other = dir.resolve("other").toString();
    WeirProcess second =
        WeirProcess.start(
            dir, "server", "--data-dir", other, "--port", server.port(), "--http-port", "0");
    refused(second, FAILED, server.port());
    WeirProcess third =
        WeirProcess.start(
            dir, "server", "--data-dir", other, "--port", "0", "--http-port", server.port());
    refused(third, FAILED, server.port());
  }

  @Test
  void aDataDirectoryInUseIsNamed() throws IOException, InterruptedException {
    WeirProcess second =
        WeirProcess.start(
            dir, "server", "--data-dir", server.data(), "--port", "0", "--http-port", "0");
    refused(second, FAILED, server.data());
  }

  @Test
  void aDataDirectoryThatCannotBeWrittenIsNamed() throws IOException, InterruptedException {
    Path file = Files.writeString(dir.resolve("file"), "");
    for (Path target : new Path[] {file, file.resolve("below")}) {
      WeirProcess second =
          WeirProcess.start(
              dir, "server", "--data-dir", target.toString(), "--port", "0", "--http-port", "0");
      refused(second, FAILED, target.toString());
    }
  }

  @Test
  void aBadSettingIsNamed() throws IOException, InterruptedException {
    refused(WeirProcess.start(dir, "server", "-D", "no.such=1"), FAILED, "no.such");
    refused(
        WeirProcess.start(dir, "server", "--config", dir.resolve("none").toString()),
        FAILED,
        "none");
    refused(WeirProcess.start(dir, "server", "--port", "70000"), FAILED, "70000");
  }

  @Test
  void aBadFlagIsWrongUsage() throws IOException, InterruptedException {
    refused(server.run("consume", "there", "--form", "earliest"), WRONG_USAGE, "--form");
    refused(server.run("produce", "there", "--acks", "2"), WRONG_USAGE, "'2'");
    refused(server.run("grope"), WRONG_USAGE, "grope");
    refused(WeirProcess.start(dir, "server", "--prot", "1"), WRONG_USAGE, "--prot");
  }

  @Test
  void sigtermDrainsAndExitsWith0() throws IOException, InterruptedException {
    try (ServerProcess own = new ServerProcess(Files.createDirectory(dir.resolve("own")))) {
      own.run("topic", "create", "t").exitsWith(0);
      own.process().terminate();
      own.process().exitsWith(0);
      own.start();
      assertThat(own.run("topic", "list").exitsWith(0).out()).isEqualTo("t\n");
    }
  }

  private static void refused(WeirProcess process, int code, String named)
      throws IOException, InterruptedException {
    process.exitsWith(code);
    assertThat(process.err()).startsWith("weir: ").contains(named).hasLineCount(1);
    assertThat(process.out()).isEmpty();
  }
}
