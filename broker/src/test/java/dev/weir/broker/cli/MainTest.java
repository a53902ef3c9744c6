package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                       | a command is missing",
        "bogus                                    | bogus",
        "group                                    | a command is missing after 'weir group'",
        "topic                                    | a command is missing after 'weir topic'",
        "topic create                             | NAME",
        "topic create t --partitions 0            | --partitions must be at least 1",
        "topic create t --partitions many         | 'many' is not an int",
        "topic alter t                            | nothing to change",
        "topic trim t                             | --before",
        "topic trim t --before earliest           | 'earliest' is none of OFFSET",
        "topic trim t --before -1                 | '-1' is none of OFFSET",
        "topic trim t --before time:noon          | 'noon' is not an ISO-8601 time",
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
        "consume t --group g --partition 1        | --partition and --group exclude each other",
        "group reset g --to yesterday --topic t   | 'yesterday' is none of latest",
        "group reset g --to latest                | --topic",
        "perf produce t                           | --records",
        "perf produce t --records 0               | --records must be at least 1",
      })
  void wrongUsageIsOneLineAndExitCode2(String arguments, String named) {
    CommandRun run = CommandRun.of(arguments.isEmpty() ? new String[0] : arguments.split(" +"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("weir: ").contains(named).contains("--help").hasLineCount(1);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void helpGoesToStandardOutput() {
    CommandRun help = CommandRun.of("--help");
    assertThat(help.code()).isZero();
    assertThat(help.out())
        .contains("server", "topic", "produce", "consume", "group", "cluster", "perf");
    CommandRun consume = CommandRun.of("consume", "--help");
    assertThat(consume.code()).isZero();
    assertThat(consume.out()).contains("--exit-at-end");
    assertThat(help.err() + consume.err()).isEmpty();
  }

  @Test
  void anInputFileThatIsNotThereFails() {
    CommandRun run = CommandRun.of("produce", "t", "--file", "/nowhere/at/all");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("cannot read /nowhere/at/all: no such file").hasLineCount(1);
  }
}
