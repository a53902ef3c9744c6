package dev.weir.client;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A run of delivered records of one partition: offset, size and an acknowledgement bit of each. The
 * owner of the {@link PartitionAcks} adds and reads; any thread acknowledges. Never used again, so
 * that a late acknowledgement hits the record it is for.
 */
final class AckChunk {
  static final int SLOTS = 512;

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final PartitionAcks acks;
  private final long baseOffset;
  private final long[] acknowledged = new long[SLOTS / Long.SIZE];
  private final long[] slots = new long[SLOTS]; // offset - baseOffset above, size below
  private int count;
  private boolean cut;
  private @Nullable AckChunk next;

  AckChunk(PartitionAcks acks, long baseOffset) {
    this.acks = acks;
    this.baseOffset = baseOffset;
  }

  PartitionAcks acks() {
    return acks;
  }

  /** Acknowledges the record in a slot. Any thread, any order, as often as it likes. */
  void acknowledge(int slot) {
    long bit = 1L << slot;
    long before = (long) WORDS.getAndBitwiseOr(acknowledged, slot >>> 6, bit);
    if ((before & bit) == 0) {
      acks.onAcknowledged();
    }
  }

  boolean isAcknowledged(int slot) {
    return ((long) WORDS.getVolatile(acknowledged, slot >>> 6) & (1L << slot)) != 0;
  }

  /** Whether there is a slot for this offset. */
  boolean hasRoomFor(long offset) {
    return !cut && count < SLOTS && offset - baseOffset <= Integer.MAX_VALUE;
  }

  void add(long offset, int size) {
    slots[count++] = (offset - baseOffset) << 32 | size;
  }

  int count() {
    return count;
  }

  long offset(int slot) {
    return baseOffset + (slots[slot] >>> 32);
  }

  int size(int slot) {
    return (int) slots[slot];
  }

  @Nullable AckChunk next() {
    return next;
  }

  void append(AckChunk chunk) {
    next = chunk;
  }

  /** Forgets what was added from this slot on; takes nothing more, for bits may be set there. */
  void cutAt(int slot) {
    cut = true;
    count = slot;
    next = null;
  }
}
