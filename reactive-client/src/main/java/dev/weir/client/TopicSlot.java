package dev.weir.client;

import dev.weir.core.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The partitions of one topic as one producer fills them. Any thread. */
final class TopicSlot {
  private static final int FRAMING_BYTES = 8;

  private final TopicLayout layout;
  private final List<Outbox> outboxes; // by partition
  private final StickyPartition sticky;
  private volatile boolean gone;

  TopicSlot(TopicLayout layout, List<Outbox> outboxes, StickyPartition sticky) {
    this.layout = layout;
    this.outboxes = outboxes;
    this.sticky = sticky;
  }

  TopicLayout layout() {
    return layout;
  }

  List<Outbox> outboxes() {
    return outboxes;
  }

  /** The topic was deleted, and perhaps created again: its next record looks for it anew. */
  void markGone() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  /** Adds a record to this partition. */
  void append(
      int partition,
      RunReceiver receiver,
      long timestamp,
      byte @Nullable [] key,
      byte @Nullable [] value,
      List<RecordHeader> headers,
      @Nullable Object correlation) {
    queue(partition).append(receiver, timestamp, key, value, headers, correlation, true);
  }

  /** Adds a record to whichever partition has its turn. */
  void appendAnywhere(
      RunReceiver receiver,
      long timestamp,
      byte @Nullable [] value,
      List<RecordHeader> headers,
      @Nullable Object correlation) {
    int bytes = FRAMING_BYTES + (value == null ? 0 : value.length);
    int partition = sticky.next(bytes);
    PartitionQueue.Appended appended =
        queue(partition).append(receiver, timestamp, null, value, headers, correlation, false);
    if (appended == PartitionQueue.Appended.BATCH_ENDED) {
      append(
          sticky.after(partition, bytes), receiver, timestamp, null, value, headers, correlation);
    }
  }

  private PartitionQueue queue(int partition) {
    return outboxes.get(partition).queue();
  }
}
