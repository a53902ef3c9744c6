package dev.weir.broker.record;

import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.partition.RecordAppender;
import dev.weir.broker.partition.SingleRecord;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.partition.Murmur2;
import dev.weir.metadata.TopicImage;
import dev.weir.replication.RequiredAcks;
import dev.weir.transport.rsocket.InboundMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** From a message to the partition its record belongs to. */
final class RecordIntake {
  /** So many records without a key stay together, so that they share batches. */
  private static final int KEYLESS_RUN = 64;

  private final HostedPartitions partitions;
  private final AtomicInteger keyless = new AtomicInteger();

  RecordIntake(HostedPartitions partitions) {
    this.partitions = partitions;
  }

  /** A record with the partition it goes to. */
  record Placed(SingleRecord record, int number, HostedPartition partition) {
    void append(RequiredAcks acks, RecordAppender.Listener listener) {
      partition.records().append(record, acks, listener);
    }
  }

  /**
   * Copies the record out of the message, which stays open.
   *
   * @throws WeirException what is wrong with the record
   */
  Placed place(TopicImage topic, InboundMessage message) {
    RecordEntry entry = RecordEntryReader.read(message.recordJson());
    int number = partition(topic, entry);
    SingleRecord record =
        new SingleRecord(
            entry.timestamp(), entry.key(), value(entry, message.data()), entry.headers());
    return new Placed(record, number, partitions.find(topic.id(), number));
  }

  private int partition(TopicImage topic, RecordEntry entry) {
    int count = topic.partitions().size();
    byte @Nullable [] key = entry.key();
    if (entry.partition() >= 0) {
      return entry.partition(); // found or refused by the lookup
    }
    return key != null
        ? Murmur2.partitionOf(key, count)
        : Math.floorMod(keyless.getAndIncrement() / KEYLESS_RUN, count);
  }

  private static byte @Nullable [] value(RecordEntry entry, ByteBuffer data) {
    if (entry.tombstone()) {
      if (data.hasRemaining()) {
        throw new WeirException(
            ErrorCode.INVALID_REQUEST,
            "a tombstone has no value but the data has " + data.remaining() + " bytes");
      }
      return null;
    }
    byte[] value = new byte[data.remaining()];
    data.get(data.position(), value);
    return value;
  }
}
