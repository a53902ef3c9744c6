package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentBatchesTest {
  @Test
  void findsTheBatchThatHoldsAnOffset() {
    RecentBatches recent = new RecentBatches();
    for (int i = 0; i < 100; i++) {
      recent.add(3L * i, 50 * i, 50);
    }
    for (int offset = 0; offset < 300; offset++) {
      long batch = recent.holding(offset);
      assertThat(recent.baseOffset(batch)).isEqualTo(offset / 3 * 3L);
      assertThat(recent.position(batch)).isEqualTo(offset / 3 * 50);
      assertThat(recent.end(batch)).isEqualTo(offset / 3 * 50 + 50);
    }
  }

  @Test
  void forgetsTheOldestWhenItIsFull() {
    RecentBatches recent = new RecentBatches();
    int added = RecentBatches.MAX_BATCHES * 2 + 5;
    for (int i = 0; i < added; i++) {
      recent.add(i, i, 1);
    }
    int oldest = added - RecentBatches.MAX_BATCHES;
    assertThat(recent.holding(oldest - 1)).isEqualTo(-1);
    for (int offset = oldest; offset < added; offset++) {
      assertThat(recent.baseOffset(recent.holding(offset))).isEqualTo(offset);
    }
    assertThat(recent.next()).isEqualTo(added);
  }

  @Test
  void knowsNothingAtFirst() {
    assertThat(new RecentBatches().holding(0)).isEqualTo(-1);
  }
}
