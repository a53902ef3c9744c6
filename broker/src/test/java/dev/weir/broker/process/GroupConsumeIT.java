package dev.weir.broker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir consume --group}: one goes on where the other stopped. Every heap is 64 MB. */
class GroupConsumeIT {
  @TempDir private Path dir;
  private ServerProcess server;
  private List<String> sent;

  @BeforeEach
  void startServer() throws IOException, InterruptedException {
    server = new ServerProcess(dir);
    Path input = Lines.generated(dir);
    sent = Lines.of(input);
    server.run("topic", "create", "lines").exitsWith(0);
    server.run("produce", "lines", "--file", input.toString()).exitsWith(0);
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  @Test
  void eachRunGoesOnWhereTheLastOneStopped() throws IOException, InterruptedException {
    WeirProcess first = server.run(consume("--max", "300")).exitsWith(0);
    server.killAndRestart();
    WeirProcess second = server.run(consume("--exit-at-end")).exitsWith(0);
    WeirProcess third = server.run(consume("--exit-at-end")).exitsWith(0);

    assertThat(Lines.of(first.outFile())).isEqualTo(sent.subList(0, 300));
    assertThat(Lines.of(second.outFile())).isEqualTo(sent.subList(300, sent.size()));
    assertThat(third.out()).isEmpty();
    assertThat(server.run("group", "describe", "g").exitsWith(0).out())
        .contains("state Empty")
        .contains("partition lines-0 committed " + sent.size() + " ")
        .contains(" lag 0 ");
  }

  @Test
  void anInterruptCommitsWhatWasPrintedAndLeaves() throws IOException, InterruptedException {
    List<String> received = new ArrayList<>();
    try (WeirProcess consume = server.begin(Redirect.PIPE, consume())) {
      await().atMost(WeirProcess.DEADLINE).until(() -> Files.size(consume.outFile()) > 0);
      consume.interrupt();
      consume.exitsWith(130);
      received.addAll(Lines.of(consume.outFile()));
    }
    assertThat(server.run("group", "describe", "g").exitsWith(0).out())
        .contains("state Empty")
        .contains("partition lines-0 committed " + received.size() + " ");

    received.addAll(Lines.of(server.run(consume("--exit-at-end")).exitsWith(0).outFile()));
    assertThat(received).isEqualTo(sent);
  }

  @Test
  void whatAKilledMemberHadNotCommittedIsRepeated() throws IOException, InterruptedException {
    List<String> received = new ArrayList<>();
    try (WeirProcess consume = server.begin(Redirect.PIPE, consume())) {
      await().atMost(WeirProcess.DEADLINE).until(() -> Files.size(consume.outFile()) > 0);
      consume.kill();
      received.addAll(Lines.of(consume.outFile()));
    }

    List<String> rest = Lines.of(server.run(consume("--exit-at-end")).exitsWith(0).outFile());

    assertThat(rest).isEqualTo(sent.subList(sent.size() - rest.size(), sent.size()));
    assertThat(received.size() + rest.size()).isGreaterThanOrEqualTo(sent.size());
  }

  @Test
  void aGroupThatWasResetBeginsThere() throws IOException, InterruptedException {
    server.run(consume("--exit-at-end")).exitsWith(0);
    int back = sent.size() - 5;
    server.run("group", "reset", "g", "--to", "offset:" + back, "--topic", "lines").exitsWith(0);

    WeirProcess again = server.run(consume("--exit-at-end")).exitsWith(0);

    assertThat(Lines.of(again.outFile())).isEqualTo(sent.subList(back, sent.size()));
  }

  private static String[] consume(String... more) {
    List<String> all =
        new ArrayList<>(List.of("consume", "lines", "--group", "g", "--from", "earliest"));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }
}
