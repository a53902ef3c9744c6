package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.LineBudget.Room;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.replication.ReplicaHealth;
import dev.weir.replication.ReplicaHealth.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiskTroublesTest {
  private static final TopicPartition ONE = new TopicPartition("t", 1);
  private static final TopicPartition OTHER = new TopicPartition("t", 0);

  private final Clock clock = new Clock();
  private final DiskTroubles troubles = new DiskTroubles(clock);

  private static final class Clock implements Time {
    private long nanos = Long.MAX_VALUE - 10; // the origin is arbitrary

    @Override
    public long wallMillis() {
      return 0;
    }

    @Override
    public long nanos() {
      return nanos;
    }

    void advance(Duration by) {
      nanos += by.toNanos();
    }
  }

  @Test
  void listsWhatIsNotWellAndForgetsWhatIs() {
    troubles.onHealth(ONE, new ReplicaHealth(State.FULL, "no space"));
    troubles.onHealth(OTHER, new ReplicaHealth(State.OFFLINE, "it broke"));
    assertThat(troubles.lines()).containsExactly("t-0 offline: it broke", "t-1 full: no space");
    assertThat(troubles.count(State.FULL)).isEqualTo(1);
    troubles.onHealth(ONE, new ReplicaHealth(State.FAILING, "read-only"));
    assertThat(troubles.count(State.FULL)).isZero();
    assertThat(troubles.count(State.FAILING)).isEqualTo(1);
    troubles.onHealth(ONE, ReplicaHealth.ONLINE);
    assertThat(troubles.lines()).containsExactly("t-0 offline: it broke");
    troubles.forget("t");
    assertThat(troubles.lines()).isEmpty();
  }

  @Test
  void aMinuteHasRoomForSoManyLinesAndTheLastIsKnown() {
    LineBudget budget = new LineBudget(3, clock);
    assertThat(budget.take()).isEqualTo(Room.SOME);
    clock.advance(Duration.ofSeconds(59));
    assertThat(budget.take()).isEqualTo(Room.SOME);
    assertThat(budget.take()).isEqualTo(Room.LAST);
    assertThat(budget.take()).isEqualTo(Room.NONE);
    clock.advance(Duration.ofSeconds(1));
    assertThat(budget.take()).isEqualTo(Room.SOME);
  }
}
