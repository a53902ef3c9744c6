package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
  private PrintStream out;
  private PrintStream err;

  @BeforeEach
  void capture() {
    out = System.out;
    err = System.err;
    System.setOut(new PrintStream(outBytes, true, UTF_8));
    System.setErr(new PrintStream(errBytes, true, UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setOut(out);
    System.setErr(err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                       | a command is missing",
        "bogus                                    | bogus",
        "group list                               | group",
        "topic                                    | a command is missing after 'weir topic'",
        "topic create                             | NAME",
        "topic create t --partitions 0            | --partitions must be at least 1",
        "topic create t --partitions many         | 'many' is not an int",
        "topic alter t                            | nothing to change",
        "server --bogus                           | --bogus",
        "server --port                            | --port",
        "produce                                  | TOPIC",
        "produce t --acks 2                       | '2' is none of 0, 1, all",
        "produce t --compression zip              | 'zip' is none of gzip",
        "produce t --server host:port             | 'host:port' is not a server address",
        "produce t extra                          | extra",
        "consume t --from yesterday               | 'yesterday' is none of latest",
        "consume t --from offset:-1               | '-1' is not an offset",
        "consume t --from time:noon               | 'noon' is not an ISO-8601 time",
        "consume t --format xml                   | 'xml' is none of json, key-value, value",
        "consume t --max -3                       | --max must not be negative",
        "perf produce t                           | --records",
        "perf produce t --records 0               | --records must be at least 1",
      })
  void wrongUsageIsOneLineAndExitCode2(String arguments, String named) {
    String[] args = arguments.isEmpty() ? new String[0] : arguments.split(" +");
    assertThat(Main.run(args)).isEqualTo(2);
    assertThat(err()).startsWith("weir: ").contains(named).contains("--help").hasLineCount(1);
    assertThat(outBytes.size()).isZero();
  }

  @Test
  void helpGoesToStandardOutput() {
    assertThat(Main.run("--help")).isZero();
    assertThat(outBytes.toString(UTF_8))
        .contains("server", "topic", "produce", "consume", "cluster", "perf");
    assertThat(Main.run("consume", "--help")).isZero();
    assertThat(outBytes.toString(UTF_8)).contains("--exit-at-end");
    assertThat(err()).isEmpty();
  }

  @Test
  void anInputFileThatIsNotThereFails() {
    assertThat(Main.run("produce", "t", "--file", "/nowhere/at/all")).isEqualTo(1);
    assertThat(err()).contains("cannot read /nowhere/at/all: no such file").hasLineCount(1);
  }

  private String err() {
    return errBytes.toString(UTF_8);
  }
}
