package dev.weir.broker.cli;

import dev.weir.client.ReceiverRecord;
import dev.weir.core.record.RecordCursor;

/**
 * The value as it is, or the key, a tab and the value. What is null is printed as nothing, like
 * what is empty; the JSON format tells them apart.
 */
final class PlainFormat implements RecordFormat {
  private final boolean withKey;

  PlainFormat(boolean withKey) {
    this.withKey = withKey;
  }

  @Override
  public void write(int partition, RecordCursor record, ByteSink out) {
    if (withKey) {
      byte[] key = record.keyBytes();
      if (key != null) {
        out.write(key);
      }
      out.write('\t');
    }
    int size = record.valueSize();
    if (size > 0) {
      int at = out.claim(size);
      record.copyValue(out.array(), at);
    }
    out.write('\n');
  }

  @Override
  public void write(ReceiverRecord<byte[], byte[]> record, ByteSink out) {
    if (withKey) {
      byte[] key = record.key();
      if (key != null) {
        out.write(key);
      }
      out.write('\t');
    }
    byte[] value = record.value();
    if (value != null) {
      out.write(value);
    }
    out.write('\n');
  }
}
