package dev.weir.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.route.Throttle;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.core.protocol.ThrottleCause;
import dev.weir.replication.ProduceOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProduceResultsTest {
  private static final ProduceOutcome STORED = new ProduceOutcome.Stored(5, 7, -1, false);

  @ParameterizedTest
  @EnumSource(value = Throttle.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aThrottledResultSaysWhyAndHowMuchIsAskedFor(Throttle cause) {
    ProduceResult result = ProduceResults.result(9, STORED, cause, 3).build();
    assertThat(result.getThrottledBy()).isEqualTo(ThrottleCause.valueOf("THROTTLE_" + cause));
    assertThat(result.getCredits()).isEqualTo(3);
    assertThat(result.getBaseOffset()).isEqualTo(5);
  }

  @Test
  void anOrdinaryResultSpendsNoByteOnIt() {
    ProduceResult result = ProduceResults.result(9, STORED, Throttle.NONE, 16).build();
    assertThat(result.getThrottledBy()).isEqualTo(ThrottleCause.THROTTLE_NONE);
    assertThat(result.getCredits()).isZero();
  }
}
