package dev.weir.client;

import dev.weir.core.record.RecordCursor;
import org.jspecify.annotations.Nullable;

/**
 * Records to be acknowledged, as long as not too many wait for it; those a former owner has
 * processed are passed over.
 */
final class ReceiverReader<K, V> extends CursorReader<K, V, ReceiverRecord<K, V>> {
  private final PartitionAcks acks;

  ReceiverReader(Deserializer<K> keys, Deserializer<V> values, PartitionAcks acks) {
    super(keys, values);
    this.acks = acks;
  }

  @Override
  public @Nullable ReceiverRecord<K, V> next() {
    return acks.mayDeliver() ? super.next() : null;
  }

  @Override
  public boolean waits() {
    return !acks.mayDeliver();
  }

  @Override
  @Nullable ReceiverRecord<K, V> element(RecordCursor record, long offset) {
    int size = Math.max(0, record.keySize()) + Math.max(0, record.valueSize());
    if (acks.wasAcknowledged(offset)) {
      acks.passOver(offset, size);
      return null;
    }
    @Nullable K key = key(record);
    @Nullable V value = value(record);
    AckChunk chunk = acks.deliver(offset, size);
    return new ReceiverRecord<>(
        chunk,
        chunk.count() - 1,
        offset,
        record.timestamp(),
        timestampType(),
        key,
        value,
        record.headers());
  }

  @Override
  void onFrameRead(long nextFrameOffset) {
    acks.passTo(nextFrameOffset);
  }
}
