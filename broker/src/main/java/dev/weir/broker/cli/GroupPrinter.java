package dev.weir.broker.cli;

import dev.weir.client.ConsumerControl;
import dev.weir.client.PartitionProgress;
import dev.weir.client.ReceiverRecord;
import dev.weir.core.topic.TopicPartition;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints a group's records; each is acknowledged when its line has been written. One thread. */
final class GroupPrinter implements ArrivalPrinter<ReceiverRecord<byte[], byte[]>> {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final RecordFormat format;
  private final OutputStream out;
  private final long maxRecords;
  private final ConsumerControl control;
  private final @Nullable Map<TopicPartition, Long> ends;
  private final ByteSink buffer = new ByteSink(BUFFER_BYTES + (BUFFER_BYTES >> 2));
  private final List<ReceiverRecord<byte[], byte[]>> buffered = new ArrayList<>();
  private long count;
  private volatile long printed; // count, for other threads

  /**
   * @param ends where each partition's printing ends; null: nowhere
   */
  GroupPrinter(
      RecordFormat format,
      OutputStream out,
      long maxRecords,
      ConsumerControl control,
      @Nullable Map<TopicPartition, Long> ends) {
    this.format = format;
    this.out = out;
    this.maxRecords = maxRecords;
    this.control = control;
    this.ends = ends;
  }

  @Override
  public void print(ReceiverRecord<byte[], byte[]> record) throws IOException {
    if (ends == null
        || record.offset() < end(new TopicPartition(record.topic(), record.partition()))) {
      format.write(record, buffer);
      buffered.add(record);
      printed = ++count;
      if (buffer.size() >= BUFFER_BYTES) {
        flush();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    if (!buffered.isEmpty()) {
      buffer.writeTo(out);
      out.flush();
      buffer.clear();
      buffered.forEach(ReceiverRecord::acknowledge);
      buffered.clear();
    }
  }

  @Override
  public long printed() {
    return printed;
  }

  @Override
  public boolean isFull() {
    return printed >= maxRecords;
  }

  /** At the end of every partition the group has given to this member, if that is to be the end. */
  @Override
  public boolean isDone() {
    if (ends == null) {
      return false;
    }
    List<PartitionProgress> owned = control.progress().onErrorReturn(List.of()).block(PATIENCE);
    return owned != null
        && !owned.isEmpty()
        && owned.stream().allMatch(each -> each.position() >= end(each.partition()));
  }

  private long end(TopicPartition partition) {
    return ends == null ? Long.MAX_VALUE : ends.getOrDefault(partition, 0L);
  }
}
