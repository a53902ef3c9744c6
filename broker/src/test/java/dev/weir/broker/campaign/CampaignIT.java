package dev.weir.broker.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few cycles of what {@code bin/campaign} does hundreds of times. */
class CampaignIT {
  private static final int CYCLES = 3;
  private static final int DISK_MEBIBYTES = 1 << 10;

  @TempDir private Path dir;

  @Test
  void killsLoseNothing() throws IOException {
    try (Fault fault = Fault.kill(dir)) {
      assertWell(new Campaign("kill", fault, dir, Map.of(), 1).run(CYCLES));
    }
  }

  @Test
  void powerCutsLoseNothing() throws IOException {
    try (Fault fault = powerCut()) {
      assertWell(new Campaign("power-cut", fault, dir, Map.of(), 2).run(CYCLES));
    }
  }

  /** Also shows that a loss would be found. */
  @Test
  void aPowerCutTakesWhatDurabilityReplicatedHasNotFlushed() throws IOException {
    Map<String, String> unflushed =
        Map.of("durability", "replicated", "flush.ms", "3600000", "flush.bytes", "1000000000");
    try (Fault fault = powerCut()) {
      Report report = new Campaign("power-cut", fault, dir, unflushed, 3).run(1);
      assertThat(report.findings().count(Anomaly.LOST)).describedAs(report.summary()).isPositive();
      assertThat(report.findings().count(Anomaly.VANISHED_AFTER_READ))
          .describedAs(report.summary())
          .isPositive();
    }
  }

  @Test
  void shortWritesAndAFlushThatFailsLoseNothing() throws IOException {
    skipUnlessNull(FaultyDisk.unavailable());
    try (Fault fault = FaultyDisk.create(dir, DISK_MEBIBYTES)) {
      assertWell(new Campaign("failed-flush", fault, dir, Map.of(), 5).run(CYCLES));
    }
  }

  private static void skipUnlessNull(@Nullable String reason) {
    assumeTrue(reason == null, reason);
  }

  private Fault powerCut() throws IOException {
    skipUnlessNull(LoopDisk.unavailable());
    return Fault.powerCut(dir, DISK_MEBIBYTES);
  }

  private static void assertWell(Report report) {
    System.out.println(report.summary());
    assertThat(report.failures()).describedAs(report.summary()).isEmpty();
  }
}
