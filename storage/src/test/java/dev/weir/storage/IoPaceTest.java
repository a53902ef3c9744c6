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
  void neverWaitsWithoutABound() {
    assertThat(new IoPace(Long.MAX_VALUE, time).spend(1L << 30)).isZero();
  }
}
