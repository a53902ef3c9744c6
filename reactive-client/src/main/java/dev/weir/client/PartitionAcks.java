package dev.weir.client;

import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.OffsetRange;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What of one partition was delivered and what of it is acknowledged. The subscription's loop owns
 * it; other threads only acknowledge, through {@link AckChunk}.
 *
 * <p>The <em>gap</em> is what lies between the oldest record that is not acknowledged and the last
 * one delivered, acknowledged ones in between included. It is bounded: at the bound {@link
 * #mayDeliver} is false, and the acknowledgement that makes room calls {@code wake}.
 *
 * <p>Wake-up: the owner sets {@code watched}, then looks at the bits; a thread that acknowledges
 * sets the bit, then looks at {@code watched}. Both are volatile, so one of them sees the other.
 */
final class PartitionAcks {
  static final long UNKNOWN = -1;

  private final PartitionTarget partition;
  private final CommitSettings limits;
  private final Runnable wake;
  private final AtomicBoolean woken = new AtomicBoolean();
  private OffsetRanges inherited;
  private AckChunk head; // has the oldest record that is not acknowledged
  private int headSlot;
  private AckChunk tail;
  private int gapRecords; // an upper bound until settled
  private long gapBytes;
  private long position; // next offset to be delivered or passed over
  private long settled; // records that have left the gap
  private boolean waiting;
  private boolean draining;
  private volatile boolean watched;

  /**
   * @param position where reading begins, or {@link #UNKNOWN}
   * @param wake called by any thread when an acknowledgement was waited for
   */
  PartitionAcks(
      PartitionTarget partition,
      CommitSettings limits,
      long position,
      OffsetRanges inherited,
      Runnable wake) {
    this.partition = partition;
    this.limits = limits;
    this.wake = wake;
    this.position = position;
    this.inherited = inherited;
    this.head = new AckChunk(this, Math.max(0, position));
    this.tail = head;
  }

  PartitionTarget partition() {
    return partition;
  }

  /** Whether one more record fits the bounds; if not, there will be a wake-up. */
  boolean mayDeliver() {
    if (fits()) {
      return true;
    }
    settle();
    if (!fits()) {
      waiting = true;
      watched = true;
      settle();
    }
    if (fits()) {
      waiting = false;
      watched = draining;
      return true;
    }
    return false;
  }

  /** Whether reading has stopped because too much is not acknowledged. */
  boolean isWaiting() {
    return waiting;
  }

  /** Whether a former owner has processed this record: it is passed over. */
  boolean wasAcknowledged(long offset) {
    return inherited.contains(offset);
  }

  /** Gives the record that is about to be delivered a slot, the last one of the chunk returned. */
  AckChunk deliver(long offset, int size) {
    AckChunk chunk = tail;
    if (!chunk.hasRoomFor(offset)) {
      chunk = new AckChunk(this, offset);
      tail.append(chunk);
      tail = chunk;
    }
    chunk.add(offset, size);
    gapRecords++;
    gapBytes += size;
    position = offset + 1;
    return chunk;
  }

  /** Passes over a record that needs no processing any more. */
  void passOver(long offset, int size) {
    AckChunk chunk = deliver(offset, size);
    chunk.acknowledge(chunk.count() - 1);
  }

  /** Everything below the offset has been delivered or holds no records. */
  void passTo(long offset) {
    position = Math.max(position, offset);
  }

  /** Takes back deliveries from a slot on: nobody has seen them. */
  void takeBack(AckChunk chunk, int slot) {
    position = chunk.offset(slot);
    AckChunk each = chunk;
    int from = slot;
    while (each != null) {
      for (int i = from; i < each.count(); i++) {
        gapRecords--;
        gapBytes -= each.size(i);
      }
      each = each.next();
      from = 0;
    }
    chunk.cutAt(slot);
    tail = chunk;
  }

  /** Forgets what was delivered; its acknowledgements mean nothing any more. */
  void restartAt(long offset) {
    position = offset;
    inherited = OffsetRanges.NONE;
    head = new AckChunk(this, Math.max(0, offset));
    headSlot = 0;
    tail = head;
    gapRecords = 0;
    gapBytes = 0;
    waiting = false;
  }

  /** Reading begins or goes on at this offset, which was not known. */
  void startAt(long offset) {
    if (position != offset && gapRecords == 0) {
      restartAt(offset);
    }
  }

  /** From now on every acknowledgement wakes the owner. */
  void drain() {
    draining = true;
    watched = true;
  }

  /** The owner has heard of the wake-up and is about to look. */
  void onWoken() {
    woken.set(false);
  }

  /** Any thread: a record has been acknowledged for the first time. */
  void onAcknowledged() {
    if (watched && woken.compareAndSet(false, true)) {
      wake.run();
    }
  }

  /** Whether all that was delivered is acknowledged. */
  boolean isSettled() {
    settle();
    return gapRecords == 0;
  }

  /** Records delivered so far that have left the gap; rises only. */
  long settledRecords() {
    settle();
    return settled;
  }

  int gapRecords() {
    settle();
    return gapRecords;
  }

  long gapBytes() {
    return gapBytes;
  }

  /** The next offset to be delivered, or {@link #UNKNOWN}. */
  long position() {
    return position;
  }

  /** What may be committed now; null while the position is not known. */
  @Nullable GroupOffset committable() {
    settle();
    if (position == UNKNOWN) {
      return null;
    }
    GroupOffset.Builder offset =
        GroupOffset.newBuilder()
            .setTopicId(partition.topicId())
            .setPartition(partition.partition())
            .setOffset(gapRecords > 0 ? head.offset(headSlot) : position)
            .setLeaderEpoch(-1);
    if (gapRecords > 1) {
      addAcknowledged(offset);
    }
    inherited.addFrom(position, offset, CommitSettings.MAX_RANGES);
    return offset.build();
  }

  private void addAcknowledged(GroupOffset.Builder offset) {
    long first = UNKNOWN;
    long last = UNKNOWN;
    AckChunk chunk = head;
    int slot = headSlot;
    while (chunk != null && offset.getAcknowledgedCount() < CommitSettings.MAX_RANGES) {
      if (slot == chunk.count()) {
        chunk = chunk.next();
        slot = 0;
        continue;
      }
      if (chunk.isAcknowledged(slot)) {
        last = chunk.offset(slot);
        first = first == UNKNOWN ? last : first;
      } else if (first != UNKNOWN) {
        offset.addAcknowledged(OffsetRange.newBuilder().setFirst(first).setLast(last));
        first = UNKNOWN;
      }
      slot++;
    }
    if (first != UNKNOWN && offset.getAcknowledgedCount() < CommitSettings.MAX_RANGES) {
      offset.addAcknowledged(OffsetRange.newBuilder().setFirst(first).setLast(last));
    }
  }

  private boolean fits() {
    return gapRecords == 0
        || (gapRecords < limits.maxUnacknowledged() && gapBytes < limits.maxUnacknowledgedBytes());
  }

  /** Lets the acknowledged prefix leave the gap. */
  private void settle() {
    while (true) {
      if (headSlot == head.count()) {
        AckChunk following = head.next();
        if (following == null) {
          return;
        }
        head = following;
        headSlot = 0;
      } else if (head.isAcknowledged(headSlot)) {
        gapRecords--;
        gapBytes -= head.size(headSlot);
        headSlot++;
        settled++;
      } else {
        return;
      }
    }
  }
}
