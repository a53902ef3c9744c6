package dev.weir.broker.cli;

import dev.weir.client.ProducerRecord;
import java.util.Arrays;
import java.util.List;

/**
 * Makes records of lines, each with its line number as correlation. One thread.
 *
 * <p>With a separator, what is before its first occurrence is the key; a line without it has no
 * key.
 */
final class LineRecords {
  private final String topic;
  private final int partition;
  private final byte[] separator;
  private long number;

  /**
   * @param separator empty: no keys
   */
  LineRecords(String topic, int partition, byte[] separator) {
    this.topic = topic;
    this.partition = partition;
    this.separator = separator;
  }

  ProducerRecord<byte[], byte[], Long> next(byte[] line) {
    number++;
    int at = separator.length == 0 ? -1 : indexOf(line, separator);
    byte[] key = at < 0 ? null : Arrays.copyOf(line, at);
    byte[] value = at < 0 ? line : Arrays.copyOfRange(line, at + separator.length, line.length);
    return new ProducerRecord<>(
        topic, partition, ProducerRecord.NOW, key, value, List.of(), number);
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int i = 0; i <= bytes.length - wanted.length; i++) {
      if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    return -1;
  }
}
