package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.hostile.RawClient.Body;
import dev.weir.broker.hostile.RawClient.Frame;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * More credit than 2^31, which stalls streams of a naive peer for ever, and streams that have to be
 * renewed. They read the tenant's records, whose numbers are their offsets.
 */
final class Credits {
  private static final int AFTERWARDS = 100;
  private static final int RENEWALS = 2;
  private static final String SUBSCRIBE = "topics." + Tenant.TOPIC + ".subscribe";

  private Credits() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A11", "more credit than 2^31", Credits::pastTheLimit),
        new Attack("A11", "streams that outlive their credit", Credits::renewed));
  }

  private static void pastTheLimit(Target target, Control control) throws IOException {
    long credit = 0;
    long records = 0;
    for (int n : new int[] {Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
      try (RawClient client = target.attacker().setup().requestStream(1, SUBSCRIBE, "", 1)) {
        long expected = number(client.nextAnswer());
        for (int i = 0; i < 5; i++) {
          client.requestN(1, n);
          credit += n;
        }
        // Its answer comes when all of that credit has been read.
        client.frame(0, RawClient.KEEPALIVE, RawClient.RESPOND, new Body().longNumber(0));
        boolean counted = false;
        for (int after = 0; after < AFTERWARDS; ) {
          Frame frame = Objects.requireNonNull(client.read());
          counted |= frame.type() == RawClient.KEEPALIVE;
          if (frame.type() != RawClient.KEEPALIVE) {
            assertThat(number(frame)).as("the record after").isEqualTo(++expected);
            after += counted ? 1 : 0;
          }
        }
        records += AFTERWARDS;
      }
    }
    control.counted("credit", credit, 1L << 34);
    control.counted("records after it, without a gap", records, 2L * AFTERWARDS);
  }

  private static void renewed(Target target, Control control) throws IOException {
    long next = 0;
    int ended = 0;
    try (RawClient client = target.attacker().setup()) {
      for (int i = 0; i < RENEWALS; i++) {
        String from = "{\"from\":{\"offset\":" + next + "},\"partition\":0}";
        client.requestStream(2 * i + 1, SUBSCRIBE, from, 1 << 30);
        Frame frame = client.nextAnswer();
        for (; frame.type() == RawClient.PAYLOAD; frame = client.nextAnswer()) {
          assertThat(number(frame)).as("the next record").isEqualTo(next++);
        }
        assertThat(frame.text()).startsWith("this subscription has lasted long enough");
        ended++;
      }
    }
    assertThat(next).isEqualTo((long) RENEWALS * Siege.CREDITS);
    control.counted("streams ended to be renewed", ended, RENEWALS);
    control.counted("records, none missing and none twice", next, 1);
  }

  private static long number(Frame frame) {
    assertThat(frame.type()).isEqualTo(RawClient.PAYLOAD);
    return frame.firstLong();
  }
}
