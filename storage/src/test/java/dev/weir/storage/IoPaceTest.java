package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IoPaceTest {
  private final ManualTime time = new ManualTime();

  @Test
  void asksToWaitUntilTheRateIsKept() {
    IoPace pace = new IoPace(1_000, time);
    assertThat(pace.spend(500)).isEqualTo(Duration.ofMillis(500).toNanos());
    assertThat(pace.spend(250)).isEqualTo(Duration.ofMillis(750).toNanos());
    time.pass(Duration.ofMillis(600));
    assertThat(pace.spend(0)).isEqualTo(Duration.ofMillis(150).toNanos());
    time.pass(Duration.ofHours(1));
    assertThat(pace.spend(100)).as("idle time is not saved up").isEqualTo(100_000_000);
  }

  @Test
  void waitsRatherOnceForLongThanOftenForShort() {
    IoPace pace = new IoPace(1_000_000, time);
    long wait = 0;
    int spent = 0;
    while (wait == 0) {
      wait = pace.spend(100);
      spent += 100;
    }
    assertThat(spent).isEqualTo(10_000);
    assertThat(wait).isEqualTo(Duration.ofMillis(10).toNanos());
    assertThat(pace.waitedNanos()).isZero();
    pace.onWaited(wait);
    assertThat(pace.waitedNanos()).isEqualTo(wait);
  }

  @Test
  void neverWaitsWithoutABound() {
    assertThat(new IoPace(Long.MAX_VALUE, time).spend(1L << 30)).isZero();
  }
}
