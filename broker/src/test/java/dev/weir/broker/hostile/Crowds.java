package dev.weir.broker.hostile;

import static dev.weir.broker.hostile.Target.untilClosed;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Connections in any number, from many addresses. */
final class Crowds {
  private static final int PER_ADDRESS = 100;
  private static final int STRANGERS = 10_000;
  private static final int MEMBERS = 1_500;
  private static final int RECONNECTS = 1_000;

  /** What this process needs for itself. */
  private static final int OWN_FILES = 1_000;

  private Crowds() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A5", "10,000 strangers", Crowds::strangers),
        new Attack("A5", "more members than there may be", Crowds::members),
        new Attack("A5", "connections that come and go", Crowds::reconnects));
  }

  private static void strangers(Target target, Control control) throws Exception {
    int count = (int) Math.min(STRANGERS, mayOpen() - OWN_FILES);
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(target.attacker(i / PER_ADDRESS * 2));
    }
    target.look();
    long ended = 0;
    for (RawClient client : clients) {
      client.countToEnd();
      ended += client.isAtEnd() ? 1 : 0;
    }
    control.rose("weir_transport_refused_strangers_total", count);
    control.counted("closed", ended, count);
  }

  private static long mayOpen() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : STRANGERS;
  }

  private static void members(Target target, Control control) throws Exception {
    for (int i = 0; i < MEMBERS; i++) {
      RawClient client = target.attacker(i / PER_ADDRESS * 2);
      untilClosed(client::setup);
    }
    control.shows("weir_connections", 900);
    // Strangers who were let in before the limit was reached may still become members.
    control.rose("weir_transport_refused_strangers_total", 200);
    target.look();
  }

  private static void reconnects(Target target, Control control) throws IOException {
    int served = 0;
    for (int i = 0; i < RECONNECTS; i++) {
      try (RawClient client = target.attacker().setup()) {
        if (i % 2 == 0) {
          client.requestResponse(1, "nothing.here", "");
          assertThat(client.nextError()).contains("nothing.here");
          served++;
        }
      }
    }
    control.counted("connections of which every second was served, in all", 2L * served, 1_000);
  }
}
