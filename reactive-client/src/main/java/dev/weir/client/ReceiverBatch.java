package dev.weir.client;

import java.util.List;

/** Records that were received together, of one or more partitions; of each in order. */
public final class ReceiverBatch<K, V> {
  private final List<ReceiverRecord<K, V>> records;

  ReceiverBatch(List<ReceiverRecord<K, V>> records) {
    this.records = List.copyOf(records);
  }

  /** At least one. */
  public List<ReceiverRecord<K, V>> records() {
    return records;
  }

  /** Acknowledges each of them; as {@link ReceiverRecord#acknowledge}. */
  public void acknowledge() {
    for (ReceiverRecord<K, V> record : records) {
      record.acknowledge();
    }
  }
}
