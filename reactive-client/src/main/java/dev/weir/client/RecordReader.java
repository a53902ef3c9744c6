package dev.weir.client;

import dev.weir.core.record.RecordCursor;

/** Records as {@link WeirConsumer#receive(Assignment)} delivers them. */
final class RecordReader<K, V> extends CursorReader<K, V, ConsumerRecord<K, V>> {
  RecordReader(Deserializer<K> keys, Deserializer<V> values) {
    super(keys, values);
  }

  @Override
  ConsumerRecord<K, V> element(RecordCursor record, long offset) {
    return consumerRecord(record, offset);
  }
}
