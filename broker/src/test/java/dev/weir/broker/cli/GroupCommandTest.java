package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.PlainClient;
import dev.weir.broker.RunningBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupCommandTest {
  @TempDir private Path dataDir;
  private RunningBroker broker;

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    weir("topic", "create", "t", "--partitions", "2");
    try (PlainClient client = broker.connect()) {
      for (int i = 0; i < 10; i++) {
        String coordinates = "{\"partition\":%d}".formatted(i % 2);
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
  void resetsDescribesListsAndDeletes() {
    assertThat(weir("group", "reset", "g", "--to", "offset:3", "--topic", "t"))
        .isEqualTo(new CommandRun(0, "partition t-0 committed 3\npartition t-1 committed 3\n", ""));
    assertThat(weir("group", "list")).isEqualTo(new CommandRun(0, "g\n", ""));
    assertThat(weir("group", "describe", "g").out())
        .contains("group g\nstate Empty\n")
        .contains(
            "partition t-0 committed 3 high-watermark 5 lag 2 acknowledged-beyond 0 owner -\n");
    assertThat(weir("group", "delete", "g")).isEqualTo(new CommandRun(0, "", ""));
    assertThat(weir("group", "list")).isEqualTo(new CommandRun(0, "", ""));
  }

  @Test
  void saysWhatIsWrong() {
    CommandRun beyond = weir("group", "reset", "g", "--to", "offset:6", "--topic", "t");
    assertThat(beyond.code()).isEqualTo(1);
    assertThat(beyond.err()).contains("has offsets 0 to 5, not 6");
    assertThat(weir("group", "describe", "nobody").code()).isEqualTo(1);
    assertThat(weir("group", "reset", "g", "--to", "latest").err()).contains("--topic");
    assertThat(weir("group").err()).contains("list, describe, reset, delete".split(", "));
  }

  private CommandRun weir(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (arguments.length > 1) {
      all.add("--server");
      all.add("127.0.0.1:" + broker.server().rsocketAddress().getPort());
    }
    return CommandRun.of(all.toArray(String[]::new));
  }
}
