package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(new SplittableRandom(1));

  @Test
  void growsToASecondAndIsNeverLessThanHalf() {
    for (int millis : new int[] {100, 200, 400, 800, 1000, 1000}) {
      assertThat(backoff.next())
          .isBetween(Duration.ofMillis(millis / 2), Duration.ofMillis(millis));
    }
  }

  @Test
  void beginsAgainAfterASuccess() {
    backoff.next();
    backoff.next();
    backoff.reset();

    assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(100));
  }
}
