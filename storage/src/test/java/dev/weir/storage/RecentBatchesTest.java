package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentBatchesTest {
  @Test
  void findsTheBatchThatHoldsAnOffset() {
    RecentBatches recent = new RecentBatches();
    for (int i = 0; i < 100; i++) {
      recent.add(3L * i, 3L * i + 3, 50 * i, 50);
    }
    for (int offset = 0; offset < 300; offset++) {
      long batch = recent.holding(offset);
      assertThat(recent.nextOffset(batch)).isEqualTo(offset / 3 * 3L + 3);
      assertThat(recent.position(batch)).isEqualTo(offset / 3 * 50);
      assertThat(recent.end(batch)).isEqualTo(offset / 3 * 50 + 50);
    }
  }

  @Test
  void forgetsTheOldestWhenItIsFull() {
    RecentBatches recent = new RecentBatches();
    int added = RecentBatches.MAX_BATCHES * 2 + 5;
    for (int i = 0; i < added; i++) {
      recent.add(i, i + 1, i, 1);
    }
    int oldest = added - RecentBatches.MAX_BATCHES;
    assertThat(recent.holding(oldest - 1)).isEqualTo(-1);
    for (int offset = oldest; offset < added; offset++) {
      assertThat(recent.nextOffset(recent.holding(offset))).isEqualTo(offset + 1);
    }
    assertThat(recent.next()).isEqualTo(added);
  }

  @Test
  void knowsNothingAtFirst() {
    assertThat(new RecentBatches().holding(0)).isEqualTo(-1);
  }

  @Test
  void countsAGapToTheBatchAfterIt() {
    RecentBatches recent = new RecentBatches();
    recent.add(0, 10, 0, 50);
    recent.add(10, 30, 50, 50);
    assertThat(recent.holding(9)).isEqualTo(0);
    assertThat(recent.holding(10)).isEqualTo(1);
    assertThat(recent.holding(29)).isEqualTo(1);
    assertThat(recent.holding(30)).isEqualTo(-1);
  }

  @Test
  void startsOverWhereTheLogEndsAfterForgettingEverything() {
    RecentBatches recent = new RecentBatches();
    recent.add(0, 10, 0, 50);
    recent.clear();
    assertThat(recent.holding(5)).isEqualTo(-1);
    recent.add(7, 9, 0, 50);
    assertThat(recent.holding(6)).isEqualTo(-1);
    assertThat(recent.nextOffset(recent.holding(7))).isEqualTo(9);
  }
}
