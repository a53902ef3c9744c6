package dev.weir.broker.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.time.Time;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {
  private static final class Clock implements Time {
    private long nanos;

    @Override
    public long wallMillis() {
      return nanos / 1_000_000;
    }

    @Override
    public long nanos() {
      return nanos;
    }
  }

  private static final class Reader implements Progress {
    private WaitCause cause = WaitCause.NOTHING;

    @Override
    public WaitCause waitsFor() {
      return cause;
    }

    @Override
    public long messages() {
      return 7;
    }

    @Override
    public List<Position> positions() {
      return List.of();
    }
  }

  private final Clock clock = new Clock();
  private final Subscriptions subscriptions = new Subscriptions(clock);
  private final Reader reader = new Reader();

  private OpenSubscription open(String topic) {
    OpenSubscription opened = subscriptions.announce("somebody", "fetch", topic);
    opened.enter(reader);
    return opened;
  }

  @Test
  void timeGoesToWhatIsWaitedForWhenItIsLookedAt() {
    OpenSubscription opened = open("t");
    clock.nanos = 10;
    reader.cause = WaitCause.DEMAND;
    subscriptions.look();
    clock.nanos = 15;
    reader.cause = WaitCause.SOCKET;
    subscriptions.look();
    clock.nanos = 18;

    assertThat(opened.nanos(WaitCause.DEMAND)).isEqualTo(10);
    assertThat(opened.nanos(WaitCause.SOCKET)).isEqualTo(5);
    assertThat(opened.nanos(WaitCause.DATA)).isZero();
    assertThat(opened.ageNanos()).isEqualTo(18);
    assertThat(opened.messages()).isEqualTo(7);
  }

  @Test
  void theSumKeepsWhatEndedSubscriptionsHaveWaited() {
    reader.cause = WaitCause.DATA;
    OpenSubscription first = open("t");
    OpenSubscription second = open("t");
    clock.nanos = 10;
    subscriptions.look();
    first.leave();
    first.leave();
    clock.nanos = 14;
    subscriptions.look();

    assertThat(subscriptions.nanos(WaitCause.DATA)).isEqualTo(24);
    assertThat(subscriptions.count()).isEqualTo(1);
    assertThat(subscriptions.waitingFor(WaitCause.DATA)).isEqualTo(1);
    assertThat(first.waitsFor()).isEqualTo(WaitCause.NOTHING);
    second.leave();
    assertThat(subscriptions.waitingFor(WaitCause.DATA)).isZero();
  }

  @Test
  void oneThatEndsBeforeItBeganNeverAppears() {
    OpenSubscription announced = subscriptions.announce("somebody", "fetch", "t");
    assertThat(subscriptions.count()).isZero();
    announced.leave();
    announced.enter(reader);
    assertThat(subscriptions.count()).isZero();
  }

  @Test
  void pagesGoOnAfterTheLastIdAndKeepToATopic() {
    OpenSubscription first = open("a");
    OpenSubscription second = open("b");
    OpenSubscription third = open("a");

    assertThat(subscriptions.list("", 0, 2)).containsExactly(first, second);
    assertThat(subscriptions.list("", second.id(), 2)).containsExactly(third);
    assertThat(subscriptions.list("a", 0, 10)).containsExactly(first, third);
    assertThat(subscriptions.list("c", 0, 10)).isEmpty();
  }
}
