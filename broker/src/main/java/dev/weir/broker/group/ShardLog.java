package dev.weir.broker.group;

import dev.weir.broker.group.format.RecordCodec;
import dev.weir.broker.group.state.GroupRecord;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.time.Time;
import dev.weir.replication.ProduceOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends a shard's records and holds back what must not be told before they are durable. In the
 * partition's loop.
 */
final class ShardLog {
  /** What is told once everything before it is durable, or that it never will be. */
  interface Held {
    void release();

    void fail(WeirException reason);
  }

  private final HostedPartition partition;
  private final Time time;
  private final Consumer<WeirException> onLost;
  private final Deque<Entry> entries = new ArrayDeque<>();

  /**
   * @param onLost what was appended and replayed may not be durable, ever: the state is not that of
   *     the log any more
   */
  ShardLog(HostedPartition partition, Time time, Consumer<WeirException> onLost) {
    this.partition = partition;
    this.time = time;
    this.onLost = onLost;
  }

  private static final class Entry {
    private @Nullable Held held;
    private boolean appended;
    private boolean durable;
    private @Nullable WeirException failure;
  }

  /**
   * Appends the records, in as many batches as they need.
   *
   * @throws WeirException nothing of them is in the log
   */
  void append(List<GroupRecord> records) {
    boolean first = true;
    for (ByteBuffer batch : batches(records)) {
      Entry entry = new Entry();
      partition.appendInternal(batch, outcome -> onOutcome(entry, outcome));
      if (entry.failure != null && first) {
        throw entry.failure;
      }
      entry.appended = true;
      entries.add(entry);
      first = false;
      if (entry.failure != null) {
        throw lost(entry.failure); // a part of the records is in the log
      }
    }
  }

  /** Tells it when everything that was appended so far is durable. */
  void afterwards(Held held) {
    Entry entry = new Entry();
    entry.held = held;
    entry.appended = true;
    entry.durable = true;
    entries.add(entry);
    release();
  }

  /** Nothing of what is held will be told any more. */
  void failAll(WeirException reason) {
    while (!entries.isEmpty()) {
      Held held = entries.remove().held;
      if (held != null) {
        held.fail(reason);
      }
    }
  }

  private void onOutcome(Entry entry, ProduceOutcome outcome) {
    if (outcome instanceof ProduceOutcome.Failed failed) {
      entry.failure = new WeirException(failed.code(), failed.message());
      if (entry.appended) {
        lost(entry.failure);
      }
    } else {
      entry.durable = true;
      release();
    }
  }

  private WeirException lost(WeirException failure) {
    onLost.accept(failure);
    return failure;
  }

  private void release() {
    while (!entries.isEmpty() && entries.element().durable) {
      Held held = entries.remove().held;
      if (held != null) {
        held.release();
      }
    }
  }

  private List<ByteBuffer> batches(List<GroupRecord> records) {
    RecordBatchBuilder builder =
        new RecordBatchBuilder(Compression.NONE, partition.config().log().maxMessageBytes());
    int largest = partition.config().log().maxRecordBytes();
    List<ByteBuffer> batches = new ArrayList<>();
    long now = time.wallMillis();
    for (GroupRecord record : records) {
      byte[] key = RecordCodec.key(record);
      byte @Nullable [] value = RecordCodec.value(record);
      if (key.length + (value == null ? 0 : value.length) > largest) {
        throw new WeirException(
            ErrorCode.RECORD_TOO_LARGE,
            "what is to be stored of group '%s' takes a record larger than %d bytes"
                .formatted(record.group(), largest));
      }
      if (!builder.append(now, key, value, List.of())) {
        batches.add(builder.build());
        builder.append(now, key, value, List.of());
      }
    }
    if (builder.recordCount() > 0) {
      batches.add(builder.build());
    }
    return batches;
  }
}
