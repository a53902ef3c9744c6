package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private final MemoryBudget budget = new MemoryBudget(100, 30);
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void callsBackWhenEnoughIsFreeAgain() {
    budget.take(90);
    budget.awaitRoom(calls::incrementAndGet);

    budget.give(10);
    assertThat(calls).hasValue(0);
    budget.give(10);
    assertThat(calls).hasValue(1);
    budget.give(10);
    assertThat(calls).hasValue(1);
  }

  @Test
  void callsBackAtOnceWhenThereIsRoom() {
    budget.awaitRoom(calls::incrementAndGet);

    assertThat(calls).hasValue(1);
  }

  @Test
  void mayBeExceededButSaysSo() {
    budget.take(130);

    assertThat(budget.room()).isEqualTo(-30);
    assertThat(budget.usedBytes()).isEqualTo(130);
  }

  @Test
  void aCallerThatTakesEverythingLeavesTheNextWaiting() {
    budget.take(100);
    budget.awaitRoom(() -> budget.take(100));
    budget.awaitRoom(calls::incrementAndGet);

    budget.give(100);

    assertThat(calls).hasValue(0);
  }
}
