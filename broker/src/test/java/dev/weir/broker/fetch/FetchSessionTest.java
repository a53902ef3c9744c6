package dev.weir.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.PartitionOnBrokenDisk;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.core.time.Time;
import dev.weir.replication.Isolation;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class FetchSessionTest {
  @Test
  void aReadThatFailsAsNobodyForesawEndsTheStream() throws IOException {
    try (PartitionOnBrokenDisk disk = new PartitionOnBrokenDisk(false)) {
      FetchPosition start = new FetchPosition(0, -1, Isolation.READ_UNCOMMITTED, 1 << 20);
      Subscriptions subscriptions = new Subscriptions(Time.system());
      StepVerifier.create(
              new FetchStream(
                  disk.partition(),
                  start,
                  Runnable::run,
                  10,
                  () -> subscriptions.announce("somebody", "fetch", "t")))
          .expectErrorMessage("broken")
          .verify(Duration.ofSeconds(20));
      assertThat(subscriptions.count()).isZero();
    }
  }
}
