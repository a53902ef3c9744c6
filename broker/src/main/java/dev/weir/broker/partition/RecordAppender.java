package dev.weir.broker.partition;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.time.Time;
import dev.weir.replication.AckListener;
import dev.weir.replication.ProduceOutcome;
import dev.weir.replication.RequiredAcks;
import dev.weir.storage.LogSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes batches of single records that arrive together, from whichever connections: whatever has
 * queued up while the loop was busy becomes one batch. The queue is bounded by its callers, who
 * reserve the bytes of what they hand in.
 */
public final class RecordAppender {
  /** A record's offset, or why it was not stored. Called in the partition's loop, once. */
  @FunctionalInterface
  public interface Listener {
    void onResult(long offset, @Nullable WeirException failure);
  }

  private static final Logger LOG = LoggerFactory.getLogger(RecordAppender.class);

  private final HostedPartition partition;
  private final Time time;
  private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  RecordAppender(HostedPartition partition, Time time) {
    this.partition = partition;
    this.time = time;
  }

  /**
   * Hands in one record; records of one thread keep their order.
   *
   * @throws WeirException the record is too large or has no key where one is needed, or the broker
   *     is shutting down; the listener is not told
   */
  public void append(SingleRecord record, RequiredAcks acks, Listener listener) {
    LogSettings settings = partition.config().log();
    int limit = settings.maxRecordBytes();
    long bytes = record.bytes();
    if (bytes > limit) {
      throw new WeirException(
          ErrorCode.RECORD_TOO_LARGE,
          "a record for %s has %d bytes; the limit is %d".formatted(partition, bytes, limit));
    }
    if (record.key() == null && settings.compaction().compacts()) {
      // alone: in a batch it would take the records of others with it
      throw new WeirException(
          ErrorCode.INVALID_RECORD,
          "the record for %s has no key: a topic whose cleanup.policy is compact needs one"
              .formatted(partition));
    }
    queue.add(new Entry(record, acks, listener));
    if (waiting.getAndIncrement() == 0) {
      try {
        partition.execute(this::drain);
      } catch (WeirException e) {
        // The loop is gone for good: nobody will look at the queue again.
        failQueued(e);
      }
    }
  }

  private void drain() {
    int taken = waiting.get();
    List<Entry> entries = new ArrayList<>(taken);
    for (int i = 0; i < taken; i++) {
      entries.add(queue.remove());
    }
    RecordBatchBuilder builder =
        new RecordBatchBuilder(Compression.NONE, partition.config().log().maxMessageBytes());
    List<Entry> batch = new ArrayList<>(taken);
    for (Entry entry : entries) {
      boolean sameAcks = batch.isEmpty() || batch.get(0).acks == entry.acks;
      if (!sameAcks || !add(builder, entry)) {
        appendBatch(builder, batch);
        batch = new ArrayList<>();
        add(builder, entry);
      }
      batch.add(entry);
    }
    appendBatch(builder, batch);
    if (waiting.addAndGet(-taken) > 0) {
      partition.execute(this::drain);
    }
  }

  private boolean add(RecordBatchBuilder builder, Entry entry) {
    SingleRecord record = entry.record;
    long timestamp = record.timestamp() < 0 ? time.wallMillis() : record.timestamp();
    return builder.append(timestamp, record.key(), record.value(), record.headers());
  }

  private void appendBatch(RecordBatchBuilder builder, List<Entry> batch) {
    AckListener listener = ((AckListener) outcome -> complete(batch, outcome)).once();
    try {
      partition.append(builder.build(), batch.get(0).acks, listener);
    } catch (RuntimeException e) {
      LOG.error("append to {} failed", partition, e);
      builder.clear();
      listener.onAcknowledged(
          new ProduceOutcome.Failed(
              ErrorCode.INTERNAL, "append to " + partition + " failed unexpectedly"));
    }
  }

  private static void complete(List<Entry> batch, ProduceOutcome outcome) {
    if (outcome instanceof ProduceOutcome.Stored stored) {
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).listener.onResult(stored.baseOffset() + i, null);
      }
    } else if (outcome instanceof ProduceOutcome.Failed failed) {
      WeirException failure = new WeirException(failed.code(), failed.message());
      batch.forEach(entry -> entry.listener.onResult(-1, failure));
    }
  }

  private void failQueued(WeirException failure) {
    @Nullable Entry entry = queue.poll();
    while (entry != null) {
      entry.listener.onResult(-1, failure);
      entry = queue.poll();
    }
  }

  private record Entry(SingleRecord record, RequiredAcks acks, Listener listener) {}
}
