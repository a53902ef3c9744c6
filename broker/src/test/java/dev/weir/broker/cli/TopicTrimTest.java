package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.PlainClient;
import dev.weir.broker.RunningBroker;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicTrimTest {
  @TempDir private Path dataDir;
  private RunningBroker broker;

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    weir("topic", "create", "t", "--partitions", "2");
    try (PlainClient client = broker.connect()) {
      for (int i = 0; i < 10; i++) {
        String coordinates =
            "{\"partition\":%d,\"timestamp\":%d}".formatted(i % 2, 1_700_000_000_000L + i * 1000L);
        client
            .rsocket()
            .requestResponse(PlainClient.record("topics.t.produce", coordinates, "value " + i))
            .block();
      }
    }
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void anOffsetTrimsOnePartition() {
    assertThat(weir("topic", "trim", "t", "--partition", "1", "--before", "2"))
        .isEqualTo(new CommandRun(0, "partition 1 start 2\n", ""));
    assertThat(weir("topic", "describe", "t").out())
        .containsPattern(
            "partition 0 .* start 0 high-watermark 5 end 5 .* bytes [1-9].* state online")
        .containsPattern("partition 1 .* start 2 high-watermark 5 end 5 .* state online");
  }

  @Test
  void aTimeTrimsEveryPartitionToItsFirstRecordFromThen() {
    // 2023-11-14T22:13:20Z and the seconds after it; the fourth second is partition 0's record 2
    assertThat(weir("topic", "trim", "t", "--before", "time:2023-11-14T22:13:24Z"))
        .isEqualTo(new CommandRun(0, "partition 0 start 2\npartition 1 start 2\n", ""));
    assertThat(weir("topic", "trim", "t", "--before", "time:2023-11-14T22:13:20Z"))
        .describedAs("what is gone stays gone")
        .isEqualTo(new CommandRun(0, "partition 0 start 2\npartition 1 start 2\n", ""));
  }

  @Test
  void latestLeavesNothing() {
    assertThat(weir("topic", "trim", "t", "--before", "latest"))
        .isEqualTo(new CommandRun(0, "partition 0 start 5\npartition 1 start 5\n", ""));
  }

  @Test
  void anOffsetBeyondTheHighWatermarkFailsNamingIt() {
    CommandRun run = weir("topic", "trim", "t", "--partition", "0", "--before", "6");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "weir: records of t-0 can be deleted below an offset up to 5, its high watermark,"
                + " not 6\n");
  }

  @Test
  void anOffsetNeedsItsPartition() {
    CommandRun run = weir("topic", "trim", "t", "--before", "1");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--before OFFSET needs --partition", "2 partitions");
  }

  @Test
  void aTopicOrPartitionThatIsNotThereIsNamed() {
    CommandRun topic = weir("topic", "trim", "nope", "--before", "latest");
    assertThat(topic.code()).isEqualTo(1);
    assertThat(topic.err()).contains("'nope'").hasLineCount(1);
    CommandRun partition = weir("topic", "trim", "t", "--partition", "2", "--before", "latest");
    assertThat(partition.code()).isEqualTo(1);
    assertThat(partition.err()).contains("no partition 2").hasLineCount(1);
  }

  @Test
  void aTopicThatIsOnlyCompactedIsNotTrimmed() {
    weir("topic", "create", "kept", "--config", "cleanup.policy=compact");
    CommandRun run = weir("topic", "trim", "kept", "--before", "latest");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("kept-0", "cleanup.policy is compact").hasLineCount(1);
  }

  private CommandRun weir(String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--server";
    all[arguments.length + 1] = "127.0.0.1:" + broker.server().rsocketAddress().getPort();
    return CommandRun.of(all);
  }
}
