package dev.weir.client;

import dev.weir.core.record.RecordCursor;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Records that are delivered only when an offset beyond them is committed: reads some ahead, has
 * the offset committed, then gives them out.
 */
final class AtMostOnceReader<K, V> extends CursorReader<K, V, ConsumerRecord<K, V>>
    implements CommitWatcher {
  private final PartitionAcks acks;
  private final int atOnce;
  private final Runnable commit;
  private final Queue<ConsumerRecord<K, V>> ahead = new ArrayDeque<>();
  private boolean committed; // what is ahead

  /**
   * @param commit has the acks' position committed; never calls back at once
   */
  AtMostOnceReader(
      Deserializer<K> keys,
      Deserializer<V> values,
      PartitionAcks acks,
      int atOnce,
      Runnable commit) {
    super(keys, values);
    this.acks = acks;
    this.atOnce = atOnce;
    this.commit = commit;
  }

  @Override
  public @Nullable ConsumerRecord<K, V> next() {
    if (ahead.isEmpty()) {
      readAhead();
      return null;
    }
    return committed ? ahead.poll() : null;
  }

  @Override
  public boolean waits() {
    return !ahead.isEmpty() && !committed;
  }

  @Override
  public void onCommitted(long offset) {
    committed |= offset >= acks.position();
  }

  @Override
  ConsumerRecord<K, V> element(RecordCursor record, long offset) {
    return consumerRecord(record, offset);
  }

  @Override
  void onFrameRead(long nextFrameOffset) {
    acks.passTo(nextFrameOffset);
  }

  @Override
  public void close() {
    super.close();
    ahead.clear();
  }

  private void readAhead() {
    committed = false;
    while (ahead.size() < atOnce) {
      ConsumerRecord<K, V> record = super.next();
      if (record == null) {
        break;
      }
      acks.passTo(record.offset() + 1);
      ahead.add(record);
    }
    if (!ahead.isEmpty()) {
      commit.run();
    }
  }
}
