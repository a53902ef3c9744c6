package dev.weir.broker.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes in comes out, also when the broker is killed in between. Every heap is 64 MB. */
class RoundTripIT {
  private static final int KILLS = 5;
  private static final File DEV_NULL = new File("/dev/null");

  @TempDir private Path dir;
  private ServerProcess server;

  @BeforeEach
  void startServer() throws IOException {
    server = new ServerProcess(dir);
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  @Test
  void onePartitionGivesBackTheSameBytes() throws IOException, InterruptedException {
    Path input = Lines.real(dir);
    server.run("topic", "create", "packages").exitsWith(0);
    server.run(Redirect.from(input.toFile()), "produce", "packages").exitsWith(0);
    WeirProcess consume =
        server.run("consume", "packages", "--from", "earliest", "--exit-at-end").exitsWith(0);
    assertThat(Files.mismatch(consume.outFile(), input)).isEqualTo(-1);
  }

  @Test
  void fourPartitionsGiveBackTheSameLinesInOrderWithinEach()
      throws IOException, InterruptedException {
    Path input = Lines.real(dir);
    server.run("topic", "create", "packages", "--partitions", "4").exitsWith(0);
    server.run("produce", "packages", "--file", input.toString()).exitsWith(0);
    List<String> sent = Lines.of(input);
    List<String> received = new ArrayList<>();
    for (String partition : List.of("0", "1", "2", "3")) {
      WeirProcess consume =
          server
              .run(
                  "consume",
                  "packages",
                  "--from",
                  "earliest",
                  "--exit-at-end",
                  "--partition",
                  partition)
              .exitsWith(0);
      List<String> part = Lines.of(consume.outFile());
      assertThat(part).describedAs("partition %s is used", partition).isNotEmpty();
      assertThat(Lines.inOrder(part, sent)).describedAs("order in %s", partition).isTrue();
      received.addAll(part);
    }
    assertThat(sorted(received)).isEqualTo(sorted(sent));
    WeirProcess all =
        server.run("consume", "packages", "--from", "earliest", "--exit-at-end").exitsWith(0);
    assertThat(sorted(Lines.of(all.outFile()))).isEqualTo(sorted(sent));
  }

  @Test
  void killingTheBrokerAgainAndAgainLosesAndRepeatsNothing()
      throws IOException, InterruptedException {
    byte[] input = Files.readAllBytes(Lines.generated(dir));
    server.run("topic", "create", "lines").exitsWith(0);
    try (WeirProcess produce = server.begin(Redirect.PIPE, "produce", "lines")) {
      try (OutputStream stdin = produce.input()) {
        int written = 0;
        for (int part = 1; part <= KILLS; part++) {
          int end = (int) ((long) input.length * part / (KILLS + 1));
          stdin.write(input, written, end - written);
          written = end;
          server.killAndRestart();
        }
        stdin.write(input, written, input.length - written);
      }
      produce.exitsWith(0);
    }
    WeirProcess consume =
        server.run("consume", "lines", "--from", "earliest", "--exit-at-end").exitsWith(0);
    assertThat(Files.readAllBytes(consume.outFile())).isEqualTo(input);
  }

  @Test
  void bytesEmptyLinesAndALastLineWithoutNewlineSurvive() throws IOException, InterruptedException {
    byte[] input = "a\r\n\n\u0000\u00ff\u00fe\nlast".getBytes(ISO_8859_1);
    Path file = Files.write(dir.resolve("odd"), input);
    server.run("topic", "create", "odd").exitsWith(0);
    server.run("produce", "odd", "--file", file.toString()).exitsWith(0);
    WeirProcess consume =
        server.run("consume", "odd", "--from", "earliest", "--exit-at-end").exitsWith(0);
    assertThat(Files.readAllBytes(consume.outFile()))
        .isEqualTo("a\r\n\n\u0000\u00ff\u00fe\nlast\n".getBytes(ISO_8859_1));
  }

  @Test
  void maxEndsAfterExactlySoMany() throws IOException, InterruptedException {
    Path input = Lines.generated(dir);
    server.run("topic", "create", "many").exitsWith(0);
    server.run("produce", "many", "--file", input.toString()).exitsWith(0);
    WeirProcess consume =
        server.run("consume", "many", "--from", "offset:5", "--max", "7").exitsWith(0);
    assertThat(Lines.of(consume.outFile())).isEqualTo(Lines.of(input).subList(5, 12));
  }

  @Test
  void anInterruptedProducerTellsWhatWasAcknowledged() throws IOException, InterruptedException {
    server.run("topic", "create", "cut").exitsWith(0);
    try (WeirProcess produce = server.begin(Redirect.PIPE, "produce", "cut")) {
      produce.input().write("a\nb\nno newline yet".getBytes(ISO_8859_1));
      produce.input().flush();
      WeirProcess consume =
          server.run("consume", "cut", "--from", "earliest", "--max", "2").exitsWith(0);
      assertThat(consume.out()).isEqualTo("a\nb\n");
      produce.interrupt();
      produce.exitsWith(130);
      assertThat(produce.err()).isEqualTo("weir: interrupted; 2 lines were acknowledged\n");
    }
    WeirProcess consume =
        server.run("consume", "cut", "--from", "earliest", "--exit-at-end").exitsWith(0);
    assertThat(consume.out()).isEqualTo("a\nb\n");
  }

  @Test
  void recordsAreShownAsTheyArrive() throws IOException, InterruptedException {
    server.run("topic", "create", "live").exitsWith(0);
    try (WeirProcess consume =
        server.begin(Redirect.from(DEV_NULL), "consume", "live", "--from", "earliest")) {
      for (String line : List.of("one", "two")) {
        Path file = Files.writeString(dir.resolve(line), line + "\n");
        server.run("produce", "live", "--file", file.toString()).exitsWith(0);
        await().atMost(WeirProcess.DEADLINE).until(() -> consume.out().endsWith(line + "\n"));
      }
      consume.interrupt();
      consume.exitsWith(130);
      assertThat(consume.out()).isEqualTo("one\ntwo\n");
      assertThat(consume.err()).isEmpty();
    }
  }

  @Test
  void everyCodecGivesBackTheSameBytes() throws IOException, InterruptedException {
    Path input = Lines.generated(dir);
    for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
      server.run("topic", "create", codec).exitsWith(0);
      server.run("produce", codec, "--file", input.toString(), "--compression", codec).exitsWith(0);
      WeirProcess consume =
          server.run("consume", codec, "--from", "earliest", "--exit-at-end").exitsWith(0);
      assertThat(Files.mismatch(consume.outFile(), input)).describedAs(codec).isEqualTo(-1);
    }
  }

  @Test
  void aReaderThatLeavesEarlyEndsTheConsumerQuietly() throws IOException, InterruptedException {
    Path input = Lines.generated(dir);
    server.run("topic", "create", "many").exitsWith(0);
    server.run("produce", "many", "--file", input.toString()).exitsWith(0);
    Process shell =
        new ProcessBuilder(
                "bash",
                "-c",
                "set -o pipefail; '%s' -Xmx64m -jar '%s' consume many --from earliest --server %s | head -n 3"
                    .formatted(WeirProcess.java(), WeirProcess.jar(), server.address()))
            .redirectErrorStream(true)
            .start();
    byte[] output = shell.getInputStream().readAllBytes();
    assertThat(shell.waitFor()).isIn(0, 141);
    assertThat(new String(output, ISO_8859_1)).containsPattern("(?s)\\A([^\n]*\n){3}\\z");
  }

  private static String[] sorted(List<String> lines) {
    String[] array = lines.toArray(String[]::new);
    Arrays.sort(array);
    return array;
  }
}
