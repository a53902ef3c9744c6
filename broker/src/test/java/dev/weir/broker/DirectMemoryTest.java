package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.TransportResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sum of what clients may make a broker hold. */
class DirectMemoryTest {
  private static final long MIB = 1 << 20;

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("connections.max", "1000"),
          Map.entry("strangers.max", "100"),
          Map.entry("partial.bytes", Long.toString(8 * MIB)),
          Map.entry("frame.bytes.max", Long.toString(4 * MIB)),
          Map.entry("inbound.bytes", Long.toString(5 * MIB)),
          Map.entry("queued.memory.bytes", Long.toString(7 * MIB)),
          Map.entry("threads.io", "2"),
          Map.entry("threads.read", "3"),
          Map.entry("threads.partition", "4"),
          Map.entry("threads.recovery", "5"),
          Map.entry("log.cleaner.threads", "2"),
          Map.entry("topic.max.message.bytes", Long.toString(MIB)));

  private static DirectMemory sum(String... changes) {
    Map<String, String> settings = new HashMap<>(SETTINGS);
    for (int i = 0; i < changes.length; i += 2) {
      settings.put(changes[i], changes[i + 1]);
    }
    return DirectMemory.of(BrokerSettings.load(null, settings));
  }

  @Test
  void isTheSumOfItsParts() {
    long expected =
        1000 * 4096L
            + 100 * 4096L
            + 8 * MIB
            + 2 * 5 * MIB
            + 7 * MIB
            + 2 * (288L << 10)
            + 3 * ((256L << 10) + MIB)
            + 4 * MIB
            + 2 * ((128L << 10) + MIB)
            + 5 * (128L << 10);
    assertThat(sum().total()).isEqualTo(expected);
  }

  @Test
  void oneLargestFrameAlwaysCounts() {
    assertThat(sum("frame.bytes.max", "16777215").total() - sum().total())
        .isEqualTo(16777215 + 2 * MIB - 8 * MIB);
  }

  @Test
  void defaultsFitHoweverSmallTheMachineIs() {
    // Of this JVM; a process with 64 MiB is started in HostileClientsTest.
    DirectMemory.of(BrokerSettings.load(null, Map.of()))
        .requireWithin(TransportResources.directLimitBytes());
  }

  @Test
  void aBrokerDoesNotStartWithSettingsThatTheJvmCannotHold(@TempDir Path dir) {
    long tooMuch = TransportResources.directLimitBytes();
    assertThatThrownBy(
            () ->
                RunningBroker.in(dir, Map.of("queued.memory.bytes", Long.toString(tooMuch)))
                    .close())
        .hasMessageContaining("start it with -XX:MaxDirectMemorySize=")
        .hasMessageContaining("frames that wait for sockets (queued.memory.bytes)")
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void theBoundIsExact() {
    DirectMemory sum = sum();
    sum.requireWithin(sum.total());
    assertThatThrownBy(() -> sum.requireWithin(sum.total() - 1)).isInstanceOf(WeirException.class);
  }

  @Test
  void everyPartIsDocumented() throws IOException {
    String page = Files.readString(Path.of("../docs/memory.md"));
    for (DirectMemory.Part part : sum().parts()) {
      assertThat(page).contains("| " + part.what() + " | `" + part.formula() + "` |");
    }
  }
}
