package dev.weir.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.replication.ProduceOutcome.Failed;
import dev.weir.replication.ProduceOutcome.Stored;
import dev.weir.storage.AppendOrigin;
import dev.weir.storage.Durability;
import dev.weir.storage.EpochEnd;
import dev.weir.storage.LogSettings;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.ReadOutcome;
import dev.weir.storage.TestBatches;
import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicaTest {
  private static final Path ROOT = Path.of("/data");
  private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
  private static final int EPOCH = 3;

  private final ManualLoop loop = new ManualLoop();
  private final Queue<Runnable> flushes = new ArrayDeque<>();
  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);
  private final List<ProduceOutcome> outcomes = new ArrayList<>();
  private Replica replica;

  @BeforeEach
  void open() {
    replica = open(Durability.FSYNC, ReplicaSettings.DEFAULTS);
  }

  private Replica open(Durability durability, ReplicaSettings settings) {
    return open(ROOT.resolve("orders-" + UUID.randomUUID()), durability, settings);
  }

  private Replica open(Path home, Durability durability, ReplicaSettings settings) {
    try {
      PartitionLog log =
          PartitionLog.open(
                  PARTITION,
                  home,
                  LogSettings.DEFAULTS.withDurability(durability),
                  files,
                  Time.system())
              .log();
      Replica opened = new Replica(PARTITION, loop, log, EPOCH, settings);
      opened.start(flushes::add, health -> {});
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void acksAllWaitsForTheFlush() {
    append("a", RequiredAcks.ALL);
    assertThat(outcomes).isEmpty();
    assertThat(replica.highWatermark()).isZero();
    flush();
    assertThat(outcomes).containsExactly(new Stored(0, 0, -1, false));
    assertThat(replica.highWatermark()).isEqualTo(1);
  }

  @Test
  void acksLeaderIsAnsweredOnceWritten() {
    append("a", RequiredAcks.LEADER);
    append("b", RequiredAcks.NONE);
    assertThat(outcomes).containsExactly(new Stored(0, 0, -1, false), new Stored(1, 1, -1, false));
    assertThat(replica.highWatermark()).isZero();
    flush();
    assertThat(replica.highWatermark()).isEqualTo(2);
  }

  @Test
  void batchesThatComeDuringAFlushShareTheNextOne() {
    for (String value : List.of("a", "b", "c", "d")) {
      append(value, RequiredAcks.ALL);
    }
    assertThat(flushes).hasSize(1);
    flushOnce();
    assertThat(flushes).hasSize(1);
    flushOnce();
    assertThat(flushes).isEmpty();
    assertThat(outcomes).hasSize(4);
    assertThat(offsets()).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void readersEndAtTheHighWatermark() throws IOException {
    append("a", RequiredAcks.ALL);
    flush();
    append("b", RequiredAcks.ALL);
    assertThat(read(0)).containsExactly("a");
    assertThat(replica.read(1, 1000, Isolation.READ_UNCOMMITTED))
        .isInstanceOf(ReadOutcome.UpToDate.class);
    flush();
    assertThat(read(1)).containsExactly("b");
  }

  @Test
  void readersOfCommittedRecordsEndAndWaitAtTheLastStableOffset() {
    List<String> woken = new ArrayList<>();
    append("a", RequiredAcks.ALL);
    appendTo(TestBatches.transactional(5, 0, 0, "b"), AppendOrigin.VERIFIED_CLIENT);
    append("c", RequiredAcks.ALL);
    flush();
    assertThat(replica.limitFor(Isolation.READ_UNCOMMITTED)).isEqualTo(3);
    assertThat(replica.limitFor(Isolation.READ_COMMITTED)).isEqualTo(1);
    replica.awaitBeyond(1, Isolation.READ_COMMITTED, () -> woken.add("committed"));
    replica.awaitBeyond(1, Isolation.READ_UNCOMMITTED, () -> woken.add("uncommitted"));
    loop.runAll();
    assertThat(woken).containsExactly("uncommitted");
    appendTo(TestBatches.marker(ControlRecordType.ABORT, 5, 0, 0), AppendOrigin.COORDINATOR);
    loop.runAll();
    assertThat(replica.limitFor(Isolation.READ_COMMITTED)).isEqualTo(1);
    assertThat(woken).hasSize(1);
    flush();
    assertThat(replica.limitFor(Isolation.READ_COMMITTED)).isEqualTo(4);
    assertThat(woken).containsExactly("uncommitted", "committed");
  }

  @Test
  void aTruncationShowsNobodyWhatItTakesAwayAndLeavesNobodyWaiting() {
    List<String> woken = new ArrayList<>();
    append("a", RequiredAcks.ALL);
    flush();
    append("b", RequiredAcks.ALL);
    append("c", RequiredAcks.ALL);
    replica.awaitBeyond(1, Isolation.READ_UNCOMMITTED, () -> woken.add("reader"));
    CompletableFuture<Long> truncated = replica.truncateTo(1).toCompletableFuture();
    assertThat(outcomes.subList(1, 3))
        .allSatisfy(
            outcome -> assertThat(((Failed) outcome).code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN));
    flushOnce(); // was under way already, of "b"
    assertThat(replica.highWatermark()).isEqualTo(1);
    flush();
    assertThat(truncated).isCompletedWithValue(1L);
    assertThat(woken).isEmpty();
    assertThat(replica.highWatermark()).isEqualTo(1);
    assertThat(replica.endOffsetFor(EPOCH)).isEqualTo(new EpochEnd(EPOCH, 1));
    append("d", RequiredAcks.ALL);
    flush();
    assertThat(outcomes.get(3)).isEqualTo(new Stored(1, 1, -1, false));
    assertThat(woken).containsExactly("reader");
  }

  @Test
  void stampsTheLeaderEpoch() throws IOException {
    append("a", RequiredAcks.ALL);
    flush();
    assertThat(RecordBatch.at(bytes(slice(0)), 0).leaderEpoch()).isEqualTo(EPOCH);
  }

  @Test
  void wakesAReaderOnlyWhenTheHighWatermarkHasPassed() {
    List<String> woken = new ArrayList<>();
    replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, () -> woken.add("at 0"));
    replica.awaitBeyond(1, Isolation.READ_UNCOMMITTED, () -> woken.add("at 1"));
    append("a", RequiredAcks.ALL);
    assertThat(woken).isEmpty();
    flush();
    assertThat(woken).containsExactly("at 0");
    append("b", RequiredAcks.ALL);
    flush();
    assertThat(woken).containsExactly("at 0", "at 1");
  }

  @Test
  void wakesAReaderThatWaitsForWhatIsThereAlready() {
    append("a", RequiredAcks.ALL);
    flush();
    List<String> woken = new ArrayList<>();
    replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, () -> woken.add("x"));
    assertThat(woken).isEmpty(); // never from inside the call
    loop.runAll();
    assertThat(woken).containsExactly("x");
  }

  @Test
  void aReaderThatIsWokenMayWaitAgain() {
    List<Long> seen = new ArrayList<>();
    Runnable[] again = new Runnable[1];
    again[0] =
        () -> {
          seen.add(replica.highWatermark());
          replica.awaitBeyond(replica.highWatermark(), Isolation.READ_UNCOMMITTED, again[0]);
        };
    replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, again[0]);
    for (String value : List.of("a", "b", "c")) {
      append(value, RequiredAcks.ALL);
      flush();
    }
    assertThat(seen).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aCancelledWaiterIsNotWoken() {
    List<String> woken = new ArrayList<>();
    Waiter first = replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, () -> woken.add("first"));
    Waiter[] second = new Waiter[1];
    replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, () -> second[0].cancel());
    second[0] = replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, () -> woken.add("second"));
    first.cancel();
    first.cancel();
    append("a", RequiredAcks.ALL);
    flush();
    assertThat(woken).isEmpty();
  }

  @Test
  void refusesAcksAllWhenTooFewAreInSync() {
    replica = open(Durability.FSYNC, ReplicaSettings.DEFAULTS.withMinInSyncReplicas(2));
    append("a", RequiredAcks.ALL);
    assertFailed(outcomes.get(0), ErrorCode.NOT_ENOUGH_REPLICAS, "min.insync.replicas is 2");
    append("b", RequiredAcks.LEADER);
    assertThat(outcomes.get(1)).isEqualTo(new Stored(0, 0, -1, false));
    replica.reconfigure(LogSettings.DEFAULTS, ReplicaSettings.DEFAULTS);
    append("c", RequiredAcks.ALL);
    flush();
    assertThat(outcomes.get(2)).isEqualTo(new Stored(1, 1, -1, false));
  }

  @Test
  void aRetryOfABatchThatStillWaitsIsAnsweredWithItsFlush() {
    appendAs(5, 0, "a");
    appendAs(5, 1, "b");
    appendAs(5, 0, "a");
    assertThat(outcomes).isEmpty();
    flush();
    assertThat(outcomes)
        .containsExactlyInAnyOrder(
            new Stored(0, 0, -1, false), new Stored(0, 0, -1, true), new Stored(1, 1, -1, false));
    appendAs(5, 1, "b");
    assertThat(outcomes).last().isEqualTo(new Stored(1, 1, -1, true));
  }

  @Test
  void aRefusedBatchIsAnsweredAtOnce() {
    appendAs(5, 7, "gap");
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0)).isInstanceOf(Failed.class);
    assertThat(replica.status().logEndOffset()).isZero();
  }

  @Test
  void boundsTheBytesThatWait() {
    replica =
        open(
            Durability.FSYNC,
            new ReplicaSettings(1, Duration.ofSeconds(1), 1 << 20, Long.MAX_VALUE, 1000));
    append("first", RequiredAcks.ALL);
    assertThat(replica.isBehind()).isFalse();
    append("second", RequiredAcks.ALL);
    assertThat(replica.isBehind()).isTrue();
    for (int i = 0; i < 4; i++) {
      append("v" + i, RequiredAcks.ALL);
    }
    assertThat(outcomes).isNotEmpty().allMatch(outcome -> outcome instanceof Failed);
    assertFailed(outcomes.get(0), ErrorCode.OVERLOADED, "orders-0");
    int refused = outcomes.size();
    flush();
    assertThat(outcomes).hasSize(6);
    append("after", RequiredAcks.ALL);
    flush();
    assertThat(outcomes).last().isEqualTo(new Stored(6 - refused, 6 - refused, -1, false));
  }

  @Test
  void aFailedFlushFailsWhoeverWaitsAndWakesReaders() {
    List<String> woken = new ArrayList<>();
    append("a", RequiredAcks.ALL);
    append("b", RequiredAcks.ALL);
    replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, () -> woken.add("reader"));
    files.failAt(files.operations() + 1, Fault.IO_ERROR);
    flush();
    assertThat(outcomes).hasSize(2);
    outcomes.forEach(
        outcome -> assertFailed(outcome, ErrorCode.STORAGE_OFFLINE, "may or may not be stored"));
    assertThat(woken).containsExactly("reader");
    assertThat(replica.highWatermark()).isZero();
    assertThat(replica.status().health().state()).isEqualTo(ReplicaHealth.State.OFFLINE);
    append("c", RequiredAcks.ALL);
    assertFailed(outcomes.get(2), ErrorCode.STORAGE_OFFLINE, "orders-0");
  }

  @Test
  void aReaderAtTheEndOfAnOfflineLogIsToldInsteadOfWaiting() throws IOException {
    append("a", RequiredAcks.ALL);
    flush();
    append("b", RequiredAcks.ALL);
    files.failAt(files.operations() + 1, Fault.IO_ERROR);
    flush();
    assertThat(read(0)).containsExactly("a");
    assertOffline(1);
    assertOffline(2);
  }

  @Test
  void whatIsWholeInADamagedLogCanBeRead() throws IOException {
    Path home = ROOT.resolve("damaged");
    replica = open(home, Durability.FSYNC, ReplicaSettings.DEFAULTS);
    append("a", RequiredAcks.ALL);
    append("b", RequiredAcks.ALL);
    flush();
    assertThat(replica.status().flushedOffset()).isEqualTo(2);
    CompletableFuture<Void> closed = replica.close().toCompletableFuture();
    flush();
    assertThat(closed).isCompleted();
    try (LogFile log = files.open(home.resolve("00000000000000000000.log"))) {
      log.truncate(log.size() - 1);
    }
    replica = open(home, Durability.FSYNC, ReplicaSettings.DEFAULTS);
    assertThat(replica.status().health().state()).isEqualTo(ReplicaHealth.State.OFFLINE);
    assertThat(replica.highWatermark()).isEqualTo(1);
    assertThat(read(0)).containsExactly("a");
    assertOffline(1);
    assertOffline(2);
  }

  @Test
  void aShorterFlushIntervalCountsFromTheNextBatchOn() {
    replica =
        open(
            Durability.REPLICATED,
            new ReplicaSettings(1, Duration.ofDays(365), Long.MAX_VALUE, Long.MAX_VALUE, 1 << 20));
    append("a", RequiredAcks.ALL);
    replica.reconfigure(
        LogSettings.DEFAULTS.withDurability(Durability.REPLICATED), ReplicaSettings.DEFAULTS);
    flush();
    append("b", RequiredAcks.ALL);
    loop.advance(Duration.ofSeconds(1));
    flush();
    assertThat(replica.status().flushedOffset()).isEqualTo(2);
  }

  @Test
  void aListenerThatIsToldTwiceHearsTheFirst() {
    AckListener once = ((AckListener) outcomes::add).once();
    once.onAcknowledged(new Stored(0, 0, -1, false));
    once.onAcknowledged(new Failed(ErrorCode.INTERNAL, "late"));
    assertThat(outcomes).containsExactly(new Stored(0, 0, -1, false));
  }

  @Test
  void durabilityReplicatedIsAnsweredOnceWrittenAndFlushedLater() {
    replica = open(Durability.REPLICATED, ReplicaSettings.DEFAULTS);
    append("a", RequiredAcks.ALL);
    assertThat(outcomes).containsExactly(new Stored(0, 0, -1, false));
    assertThat(replica.highWatermark()).isEqualTo(1);
    assertThat(flushes).isEmpty();
    loop.advance(Duration.ofMillis(999));
    assertThat(flushes).isEmpty();
    loop.advance(Duration.ofMillis(1));
    assertThat(flushes).hasSize(1);
    flush();
    assertThat(replica.status().flushedOffset()).isEqualTo(1);
    loop.advance(Duration.ofSeconds(10));
    assertThat(flushes).isEmpty(); // nothing new, nothing to flush
  }

  @Test
  void durabilityReplicatedFlushesEarlierWhenMuchIsWritten() {
    replica =
        open(
            Durability.REPLICATED,
            new ReplicaSettings(1, Duration.ofHours(1), 200, Long.MAX_VALUE, 1 << 20));
    append("a", RequiredAcks.ALL);
    assertThat(flushes).isEmpty();
    append("b".repeat(200), RequiredAcks.ALL);
    assertThat(flushes).hasSize(1);
  }

  @Test
  void durabilityReplicatedFlushesAfterSoManyRecords() {
    replica =
        open(
            Durability.REPLICATED,
            new ReplicaSettings(1, Duration.ofHours(1), Long.MAX_VALUE, 3, 1 << 20));
    for (int i = 0; i < 2; i++) {
      append("a", RequiredAcks.ALL);
      append("b", RequiredAcks.ALL);
      assertThat(flushes).hasSize(0);
      append("c", RequiredAcks.ALL);
      assertThat(flushes).hasSize(1);
      flush();
    }
  }

  @Test
  void durabilityChangesFromTheNextBatchOn() {
    replica.reconfigure(
        LogSettings.DEFAULTS.withDurability(Durability.REPLICATED), ReplicaSettings.DEFAULTS);
    append("a", RequiredAcks.ALL);
    assertThat(outcomes).hasSize(1);
    replica.reconfigure(LogSettings.DEFAULTS, ReplicaSettings.DEFAULTS);
    append("b", RequiredAcks.ALL);
    assertThat(outcomes).hasSize(1);
    assertThat(replica.highWatermark()).isEqualTo(1);
    flush();
    assertThat(outcomes).hasSize(2);
    assertThat(replica.status().flushedOffset()).isEqualTo(2);
  }

  @Test
  void closingFinishesAcknowledgementsAndRefusesWhatComesLater() {
    List<String> woken = new ArrayList<>();
    replica.awaitBeyond(0, Isolation.READ_UNCOMMITTED, () -> woken.add("reader"));
    append("a", RequiredAcks.ALL);
    CompletableFuture<Void> closed = replica.close().toCompletableFuture();
    append("late", RequiredAcks.ALL);
    flush();
    assertThat(closed).isCompleted();
    assertThat(woken).isNotEmpty();
    assertFailed(outcomes.get(0), ErrorCode.SHUTTING_DOWN, "is being closed");
    assertThat(outcomes.get(1)).isEqualTo(new Stored(0, 0, -1, false));
    assertThat(outcomes).hasSize(2);
  }

  private void append(String value, RequiredAcks acks) {
    replica.append(TestBatches.batch(1, value), acks, outcomes::add);
  }

  private void appendTo(ByteBuffer batch, AppendOrigin origin) {
    replica.append(batch, origin, RequiredAcks.ALL, outcomes::add);
  }

  private void appendAs(long producerId, int sequence, String value) {
    replica.append(
        TestBatches.batch(producerId, 0, sequence, value), RequiredAcks.ALL, outcomes::add);
  }

  /** Until nothing is left to be flushed. */
  private void flush() {
    while (!flushes.isEmpty()) {
      flushOnce();
    }
  }

  private void flushOnce() {
    flushes.remove().run();
    loop.runAll();
  }

  private List<Long> offsets() {
    return outcomes.stream().map(outcome -> ((Stored) outcome).baseOffset()).toList();
  }

  private List<String> read(long offset) throws IOException {
    return TestBatches.values(bytes(slice(offset)));
  }

  private ReadOutcome.Slice slice(long offset) {
    ReadOutcome outcome = replica.read(offset, 1000, Isolation.READ_UNCOMMITTED);
    if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
      outcome = needsDisk.read().run();
    }
    return (ReadOutcome.Slice) outcome;
  }

  private void assertOffline(long offset) {
    assertThat(replica.read(offset, 1000, Isolation.READ_UNCOMMITTED))
        .isInstanceOfSatisfying(
            ReadOutcome.Unavailable.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.STORAGE_OFFLINE);
              assertThat(refused.message()).contains("orders-0 is offline", "up to offset 1");
            });
  }

  private static ByteBuffer bytes(ReadOutcome.Slice slice) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(slice.range().length());
    slice.range().readFully(0, bytes);
    slice.range().release();
    return bytes.flip();
  }

  private static void assertFailed(ProduceOutcome outcome, ErrorCode code, String words) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> {
              assertThat(failed.code()).isEqualTo(code);
              assertThat(failed.message()).contains(words);
            });
  }
}
