package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StickyPartitionTest {
  @Test
  void staysUntilItsShareIsSentThenMovesToTheNext() {
    StickyPartition sticky = new StickyPartition(3, 100);
    int first = sticky.next(60);

    assertThat(sticky.next(60)).isEqualTo(first);
    assertThat(sticky.next(60)).isEqualTo((first + 1) % 3);
  }

  @Test
  void movesOnWhenTheBatchIsFullSooner() {
    StickyPartition sticky = new StickyPartition(3, 100);
    int first = sticky.next(10);

    assertThat(sticky.after(first, 10)).isEqualTo((first + 1) % 3);
    assertThat(sticky.next(10)).isEqualTo((first + 1) % 3);
  }

  @Test
  void aFullBatchThatSomebodyElseLeftAlreadyMovesNobody() {
    StickyPartition sticky = new StickyPartition(3, 100);
    int first = sticky.next(10);
    int second = sticky.after(first, 10);

    assertThat(sticky.after(first, 10)).isEqualTo(second);
  }

  @Test
  void givesEveryPartitionTheSameBytes() {
    StickyPartition sticky = new StickyPartition(4, 1000);
    int[] bytes = new int[4];
    for (int i = 0; i < 4 * 100 * 10; i++) {
      bytes[sticky.next(100)] += 100;
    }

    assertThat(bytes).containsOnly(100_000);
  }
}
