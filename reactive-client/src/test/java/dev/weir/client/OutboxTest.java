package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OutboxTest {
  @Test
  void sequencesGoOnAtZeroAfterTheLargest() {
    assertThat(Outbox.sequenceAfter(0, 10)).isEqualTo(10);
    assertThat(Outbox.sequenceAfter(Integer.MAX_VALUE - 10, 10)).isEqualTo(Integer.MAX_VALUE);
    assertThat(Outbox.sequenceAfter(Integer.MAX_VALUE - 9, 10)).isZero();
    assertThat(Outbox.sequenceAfter(Integer.MAX_VALUE, 10)).isEqualTo(9);
  }
}
