package dev.weir.broker.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CreditWindowTest {
  private static final int MIB = 1 << 20;

  private final ByteBudget budget = new ByteBudget(null, 64L * MIB);
  private final CreditWindow window = new CreditWindow(budget);

  @Test
  void startsWithAFewCreditsAndNoMore() {
    assertThat(window.take()).isEqualTo(16);
    assertThat(window.take()).isZero();
  }

  @Test
  void givesFewerCreditsWhereLessMemoryIsAllowed() {
    assertThat(new CreditWindow(new ByteBudget(null, 16L * MIB)).take()).isEqualTo(7);
    assertThat(new CreditWindow(new ByteBudget(null, MIB)).take()).isEqualTo(2);
    ByteBudget small = new ByteBudget(null, 16L * MIB);
    assertThat(new CreditWindow(new ByteBudget(small, 64L * MIB)).take()).isEqualTo(7);
  }

  @Test
  void givesACreditBackOnceTheBytesAreGone() {
    window.take();
    for (int i = 0; i < 4; i++) {
      window.onArrived(100);
    }
    assertThat(window.take()).isZero();
    for (int i = 0; i < 4; i++) {
      window.onReleased(100);
    }
    assertThat(window.take()).isEqualTo(4);
  }

  @Test
  void whileItsPartitionIsBehindACreditComesBackWithTheAnswer() {
    window.take();
    for (int i = 0; i < 16; i++) {
      window.onArrived(100);
    }
    assertThat(window.throttle()).isEqualTo(Throttle.NONE);
    for (int i = 0; i < 16; i++) {
      window.onReleasedBehind(100);
    }
    assertThat(budget.used()).isZero();
    assertThat(window.take()).isZero();
    assertThat(window.throttle()).isEqualTo(Throttle.FLUSH);
    for (int i = 0; i < 16; i++) {
      window.onCaughtUp();
    }
    assertThat(window.throttle()).isEqualTo(Throttle.NONE);
    assertThat(window.take()).isEqualTo(16);
    assertThat(window.granted()).isEqualTo(16);
  }

  @Test
  void stopsWhenResultsAreNotReadAndGoesOnWhenTheyAre() {
    int arrived = 0;
    for (int credits = window.take(); credits > 0; credits = window.take()) {
      for (int i = 0; i < credits; i++) {
        window.onArrived(1);
        window.onReleased(1);
        arrived++;
      }
    }
    assertThat(arrived).isEqualTo(CreditWindow.MAX_OPEN);
    assertThat(window.throttle()).isEqualTo(Throttle.RESULTS);
    window.onDelivered();
    assertThat(window.take()).isEqualTo(1);
  }

  @Test
  void asksForOneAtATimeWhenHalfTheBudgetIsUsed() {
    budget.tryReserve(32 * MIB);
    assertThat(window.throttle()).isEqualTo(Throttle.MEMORY);
    assertThat(window.take()).isEqualTo(1);
    window.onArrived(10);
    assertThat(window.take()).isZero();
    window.onReleased(10);
    assertThat(window.take()).isEqualTo(1);
  }

  @Test
  void grantsNoMoreThanItsLimitAndIsSpentWhenThatHasArrived() {
    CreditWindow limited = new CreditWindow(budget, 40);
    int arrived = 0;
    for (int credits = limited.take(); credits > 0; credits = limited.take()) {
      assertThat(limited.isSpent()).isFalse();
      for (int i = 0; i < credits; i++) {
        limited.onArrived(1);
        limited.onReleased(1);
        limited.onDelivered();
        arrived++;
      }
    }
    assertThat(arrived).isEqualTo(40);
    assertThat(limited.isSpent()).isTrue();
  }

  @Test
  void refusesWhatDoesNotFitAndForgetsIt() {
    budget.tryReserve(64 * MIB);
    window.take();
    assertThat(window.onArrived(10)).isFalse();
    assertThat(window.overloaded()).hasMessageContaining("limit is 67108864");
    assertThat(budget.used()).isEqualTo(64L * MIB);
    window.onDelivered();
    assertThat(window.take()).isEqualTo(1);
  }

  @Test
  void neverStandsStillWhateverTheOrder() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      ByteBudget small = new ByteBudget(null, 4L * MIB);
      CreditWindow tried = new CreditWindow(small);
      int out = 0;
      int held = 0;
      int unread = 0;
      int behind = 0;
      int arrived = 0;
      while (arrived < 3_000) {
        out += tried.take();
        assertThat(out + held + behind + unread).as("seed %d after %d", seed, arrived).isPositive();
        int choice = random.nextInt(5);
        if (choice == 0 && out > 0) {
          out--;
          unread++;
          arrived++;
          held += tried.onArrived(MIB) ? 1 : 0;
        } else if (choice == 1 && held > 0) {
          held--;
          tried.onReleased(MIB);
        } else if (choice == 2 && unread > 0) {
          unread--;
          tried.onDelivered();
        } else if (choice == 3 && held > 0) {
          held--;
          behind++;
          tried.onReleasedBehind(MIB);
        } else if (choice == 4 && behind > 0) {
          behind--;
          tried.onCaughtUp();
        }
      }
    }
  }
}
