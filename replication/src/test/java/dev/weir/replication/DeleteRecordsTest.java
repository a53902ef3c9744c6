package dev.weir.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.LogSettings;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.ReadOutcome;
import dev.weir.storage.RetentionSettings;
import dev.weir.storage.TestBatches;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeleteRecordsTest {
  private static final Path ROOT = Path.of("/data");
  private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

  private final ManualLoop loop = new ManualLoop();
  private final Queue<Runnable> flushes = new ArrayDeque<>();
  private Replica replica;

  @BeforeEach
  void open() throws IOException {
    PartitionLog log =
        PartitionLog.open(
                PARTITION,
                ROOT.resolve("orders-0"),
                LogSettings.DEFAULTS,
                new SimulatedLogFiles(ROOT),
                Time.system())
            .log();
    replica = new Replica(PARTITION, loop, log, 1, ReplicaSettings.DEFAULTS);
    replica.start(flushes::add, health -> {});
  }

  @Test
  void deletesBelowAnOffset() {
    append("a", "b", "c");
    runAll();
    assertThat(deleteBefore(2)).isCompletedWithValue(2L);
    assertThat(replica.logStartOffset()).isEqualTo(2);
    assertThat(replica.read(1, 100, Isolation.READ_UNCOMMITTED))
        .isEqualTo(new ReadOutcome.OutOfRange(2, 3));
  }

  @Test
  void minusOneStandsForTheHighWatermark() {
    append("a", "b", "c");
    runAll();
    assertThat(deleteBefore(-1)).isCompletedWithValue(3L);
  }

  @Test
  void refusesToDeleteBeyondTheHighWatermark() {
    append("a");
    assertThat(replica.highWatermark()).isZero();
    assertThat(deleteBefore(1))
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOfSatisfying(
            WeirException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE))
        .withMessageContaining("up to 0, its high watermark, not 1");
  }

  @Test
  void refusesToDeleteWhatIsOnlyCompacted() {
    append("a", "b");
    runAll();
    replica.reconfigure(
        LogSettings.DEFAULTS.withRetention(RetentionSettings.DEFAULTS.withDeletes(false)),
        ReplicaSettings.DEFAULTS);
    assertThat(deleteBefore(1))
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOfSatisfying(
            WeirException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.POLICY_VIOLATION))
        .withMessageContaining("orders-0");
    assertThat(replica.logStartOffset()).isZero();
  }

  private CompletableFuture<Long> deleteBefore(long offset) {
    CompletableFuture<Long> deleted = replica.deleteBefore(offset).toCompletableFuture();
    runAll();
    return deleted;
  }

  private void append(String... values) {
    replica.append(TestBatches.batch(10, values), RequiredAcks.ALL, outcome -> {});
  }

  private void runAll() {
    loop.runAll();
    for (Runnable task = flushes.poll(); task != null; task = flushes.poll()) {
      task.run();
      loop.runAll();
    }
  }
}
