package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.disk.FileRange;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Drives one log from a test: loop, flush and read threads are all the test's own thread. */
final class LogDriver implements LogListener {
  static final TopicPartition PARTITION = new TopicPartition("orders", 0);

  static final CleaningLimits LIMITS =
      new CleaningLimits(1 << 20, new IoPace(Long.MAX_VALUE, new FixedTime(0)));

  private final QueueLoop loop = new QueueLoop();
  private final PartitionLog log;
  private final RecoveryReport report;
  private final Map<Long, Integer> sequences = new HashMap<>();
  private long flushed;
  private @Nullable Throwable offline;

  LogDriver(LogFiles files, Path directory, LogSettings settings) throws IOException {
    this(files, directory, settings, new FixedTime(1_700_000_000_000L));
  }

  LogDriver(LogFiles files, Path directory, LogSettings settings, Time time) throws IOException {
    OpenedLog opened = PartitionLog.open(PARTITION, directory, settings, files, time);
    log = opened.log();
    report = opened.report();
    flushed = log.flushedOffset();
    log.attach(loop, loop, this);
  }

  PartitionLog log() {
    return log;
  }

  RecoveryReport report() {
    return report;
  }

  QueueLoop loop() {
    return loop;
  }

  long flushed() {
    return flushed;
  }

  @Nullable Throwable offline() {
    return offline;
  }

  /** Appends and expects success; returns the base offset. */
  long append(ByteBuffer batch) {
    AppendOutcome outcome = log.append(batch, 7);
    assertThat(outcome).isInstanceOf(AppendOutcome.Appended.class);
    return ((AppendOutcome.Appended) outcome).baseOffset();
  }

  /** The sequence at which a producer's next batch begins. */
  int sequenceAfter(long producerId, int records) {
    int sequence = sequences.getOrDefault(producerId, 0);
    sequences.put(producerId, sequence + records);
    return sequence;
  }

  void flush() {
    log.requestFlush();
    loop.runAll();
  }

  /** Compacts all that can be; the test's thread is the cleaning thread too. */
  CompletableFuture<CleaningReport> clean(long nowMillis) {
    CompletableFuture<CleaningReport> cleaned =
        log.clean(nowMillis, log.logEndOffset(), loop, LIMITS).toCompletableFuture();
    loop.runAll();
    return cleaned;
  }

  void close() {
    var closed = log.close().toCompletableFuture();
    loop.runAll();
    closed.join();
  }

  /** Truncates and expects success; returns the log end offset. */
  long truncateTo(long offset) {
    return moveEnd(log.truncateTo(offset));
  }

  /** Waits for a move of the end. */
  long moveEnd(CompletionStage<Long> move) {
    var moved = move.toCompletableFuture();
    loop.runAll();
    assertThat(moved).isCompleted();
    return moved.join();
  }

  /** All bytes from the start on, also when offsets have gaps. */
  ByteBuffer allBytes() throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) log.sizeInBytes());
    for (long offset = log.logStartOffset(); offset < log.logEndOffset(); ) {
      ReadOutcome.Slice slice = read(offset, 500, log.logEndOffset());
      ByteBuffer part = ByteBuffer.allocate(slice.range().length());
      slice.range().readFully(0, part);
      slice.range().release();
      all.put(part.flip());
      assertThat(slice.nextOffset()).isGreaterThan(offset);
      offset = slice.nextOffset();
    }
    return all.flip();
  }

  /** All bytes from an offset to the log end, read in ranges of at most so many bytes. */
  ByteBuffer bytes(long from, int maxBytes) throws IOException {
    List<byte[]> parts = new ArrayList<>();
    int total = 0;
    long offset = from;
    while (offset < log.logEndOffset()) {
      ReadOutcome.Slice slice = read(offset, maxBytes, log.logEndOffset());
      FileRange range = slice.range();
      byte[] part = new byte[range.length()];
      range.readFully(0, ByteBuffer.wrap(part));
      range.release();
      List<RecordBatch> batches = TestBatches.split(ByteBuffer.wrap(part));
      assertThat(batches.get(0).baseOffset()).isLessThanOrEqualTo(offset);
      assertThat(batches.get(0).lastOffset()).isGreaterThanOrEqualTo(offset);
      assertThat(batches.size() == 1 || part.length <= maxBytes).isTrue();
      assertThat(slice.nextOffset()).isEqualTo(batches.get(batches.size() - 1).nextOffset());
      parts.add(part);
      total += part.length;
      offset = slice.nextOffset();
    }
    ByteBuffer all = ByteBuffer.allocate(total);
    parts.forEach(all::put);
    return all.flip();
  }

  List<String> values() throws IOException {
    return TestBatches.values(bytes(log.logStartOffset(), 1 << 20));
  }

  /** Reads and expects batches, whether from memory or by way of the disk. */
  ReadOutcome.Slice read(long offset, int maxBytes, long limit) {
    ReadOutcome outcome = log.read(offset, maxBytes, limit);
    if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
      outcome = needsDisk.read().run();
    }
    assertThat(outcome).isInstanceOf(ReadOutcome.Slice.class);
    return (ReadOutcome.Slice) outcome;
  }

  @Override
  public void onFlushed(long flushedOffset) {
    // only a truncation lowers it, with the log's end
    assertThat(flushedOffset).isGreaterThanOrEqualTo(Math.min(flushed, log.logEndOffset()));
    flushed = flushedOffset;
  }

  @Override
  public void onOffline(Throwable cause) {
    assertThat(offline).isNull();
    offline = cause;
  }

  /** A clock that stands. */
  record FixedTime(long wallMillis) implements Time {
    @Override
    public long nanos() {
      return 0;
    }
  }
}
