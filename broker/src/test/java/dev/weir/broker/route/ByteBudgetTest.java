package dev.weir.broker.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  private final ByteBudget all = new ByteBudget(null, 100);
  private final ByteBudget one = new ByteBudget(all, 60);
  private final ByteBudget other = new ByteBudget(all, 60);

  @Test
  void keepsItsOwnBoundAndThatOfAll() {
    assertThat(one.tryReserve(60)).isTrue();
    assertThat(one.tryReserve(1)).isFalse();
    assertThat(other.tryReserve(41)).isFalse();
    assertThat(other.tryReserve(40)).isTrue();
    assertThat(all.used()).isEqualTo(100);
  }

  @Test
  void whatIsReleasedIsFreeAgain() {
    one.tryReserve(60);
    one.release(60);
    assertThat(all.used()).isZero();
    assertThat(one.tryReserve(60)).isTrue();
  }

  @Test
  void aRefusalTakesNothing() {
    one.tryReserve(50);
    other.tryReserve(50);
    assertThat(one.tryReserve(10)).isFalse();
    assertThat(one.used()).isEqualTo(50);
    assertThat(all.used()).isEqualTo(100);
  }

  @Test
  void somethingFitsIntoAnEmptyBudgetHoweverLarge() {
    assertThat(new ByteBudget(null, 10).tryReserve(1000)).isTrue();
  }

  @Test
  void halfOfAllIsHalfOfEach() {
    assertThat(one.isHalfUsed()).isFalse();
    other.tryReserve(50);
    assertThat(one.isHalfUsed()).isTrue();
  }
}
