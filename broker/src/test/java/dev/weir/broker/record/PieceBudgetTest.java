package dev.weir.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PieceBudgetTest {
  private final PieceBudget budget = new PieceBudget(100);
  private final List<String> events = new ArrayList<>();

  /** Holds bytes without using them. */
  private final class Holder implements PieceBudget.Idle {
    private final String name;
    private final int bytes;

    Holder(String name, int bytes) {
      this.name = name;
      this.bytes = bytes;
      budget.acquire(bytes, () -> events.add(name + " has"));
    }

    @Override
    public void reclaim() {
      events.add(name + " gives");
      budget.release(bytes);
    }
  }

  @Test
  void grantsInOrderAsLongAsThereIsRoom() {
    budget.acquire(60, () -> events.add("a"));
    budget.acquire(60, () -> events.add("b"));
    budget.acquire(10, () -> events.add("c"));
    assertThat(events).containsExactly("a");
    assertThat(budget.waiting()).isEqualTo(2);
    assertThat(budget.tryAcquire(10)).as("nobody overtakes who waits").isFalse();
    budget.release(60);
    assertThat(events).containsExactly("a", "b", "c");
    assertThat(budget.used()).isEqualTo(70);
  }

  @Test
  void somethingAlwaysFitsIntoAnEmptyBudget() {
    budget.acquire(1000, () -> events.add("large"));
    budget.acquire(1, () -> events.add("small"));
    assertThat(events).containsExactly("large");
    budget.release(1000);
    assertThat(events).containsExactly("large", "small");
  }

  @Test
  void takesFromTheLongestUnusedAsMuchAsIsNeeded() {
    Holder first = new Holder("first", 40);
    Holder second = new Holder("second", 40);
    Holder third = new Holder("third", 20);
    budget.offer(second);
    budget.offer(first);
    budget.offer(third);
    events.clear();
    budget.acquire(60, () -> events.add("granted"));
    assertThat(events).containsExactly("second gives", "first gives", "granted");
    assertThat(budget.withdraw(third)).isTrue();
    assertThat(budget.withdraw(first)).as("it was taken").isFalse();
    assertThat(budget.used()).isEqualTo(80);
  }

  @Test
  void takesWhatIsOfferedWhileSomebodyWaits() {
    Holder holder = new Holder("holder", 100);
    events.clear();
    budget.acquire(50, () -> events.add("granted"));
    assertThat(events).isEmpty();
    budget.offer(holder);
    assertThat(events).containsExactly("holder gives", "granted");
  }

  @Test
  void aQuarterMayBeKeptAndComesFromWhatNobodyUses() {
    Holder holder = new Holder("holder", 100);
    events.clear();
    assertThat(budget.tryKeep(25)).as("all is in use").isFalse();
    budget.offer(holder);
    assertThat(budget.tryKeep(26)).as("more than a quarter").isFalse();
    assertThat(events).isEmpty();
    assertThat(budget.tryKeep(25)).isTrue();
    assertThat(events).containsExactly("holder gives");
    assertThat(budget.used()).isEqualTo(25);
    assertThat(budget.tryKeep(1)).isFalse();
    budget.releaseKept(25);
    assertThat(budget.used()).isZero();
    assertThat(budget.tryKeep(25)).isTrue();
  }

  @Test
  void whatIsKeptDoesNotHoldUpTheLargestReadForEver() {
    assertThat(budget.tryKeep(25)).isTrue();
    budget.acquire(100, () -> events.add("large"));
    assertThat(events).containsExactly("large");
    budget.acquire(10, () -> events.add("small"));
    budget.releaseKept(25);
    assertThat(events).containsExactly("large");
    budget.release(100);
    assertThat(events).containsExactly("large", "small");
  }

  @Test
  void manyHoldersGiveWayOneAfterTheOther() {
    for (int i = 0; i < 100; i++) {
      budget.offer(new Holder("h" + i, 1));
    }
    events.clear();
    for (int i = 0; i < 100; i++) {
      budget.acquire(1, () -> events.add("granted"));
    }
    assertThat(events.stream().filter("granted"::equals)).hasSize(100);
    assertThat(budget.used()).isEqualTo(100);
  }

  @Test
  void aFailingReadDoesNotHoldUpTheOthers() {
    budget.acquire(
        60,
        () -> {
          throw new IllegalStateException("expected by this test");
        });
    budget.acquire(40, () -> events.add("granted"));
    assertThat(events).containsExactly("granted");
  }
}
