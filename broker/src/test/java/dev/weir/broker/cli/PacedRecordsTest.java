package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.time.Time;
import org.junit.jupiter.api.Test;

class PacedRecordsTest {
  private long now = 5_000;
  private final PacedRecords paced =
      new PacedRecords(
          new Time() {
            @Override
            public long wallMillis() {
              return 0;
            }

            @Override
            public long nanos() {
              return now;
            }
          },
          4,
          1_000);

  @Test
  void numbersFallDueAtTheRate() {
    assertThat(paced.poll()).isEqualTo(0);
    assertThat(paced.poll()).isNull();
    now += 1_000_000;
    assertThat(paced.poll()).isEqualTo(1);
    assertThat(paced.poll()).isNull();
  }

  @Test
  void whatIsLateKeepsItsDueTime() {
    now += 50_000_000;
    assertThat(paced.poll()).isEqualTo(0);
    assertThat(paced.poll()).isEqualTo(1);
    assertThat(paced.dueNanos(1)).isEqualTo(5_000 + 1_000_000);
    assertThat(paced.poll()).isEqualTo(2);
    assertThat(paced.fill()).isTrue();
    assertThat(paced.poll()).isEqualTo(3);
    assertThat(paced.fill()).isFalse();
  }
}
