package dev.weir.storage;

import dev.weir.core.record.RecordCursor;

/**
 * The newest offset of every key in a stretch of a log, in a table of fixed size: 24 bytes a slot,
 * nothing per entry. One thread.
 *
 * <p>Keys are told apart by 128 bits of hash under a secret that only this table knows: among five
 * million keys two are taken for one with a probability below 10^-25, and nobody can make up such a
 * pair, as could be done with MD5. Slots are probed one after the other; at most three of four are
 * used.
 */
final class KeyOffsets {
  static final int SLOT_BYTES = 3 * Long.BYTES;

  private final SipHash hash = SipHash.ofRandomSecret();

  /** Two longs of hash, then the offset plus one: 0 is a free slot. */
  private final long[] slots;

  private final int slotCount;
  private final long most;
  private byte[] key = new byte[256];
  private long high;
  private long low;
  private long size;

  /**
   * @param expected no more keys than this will come
   * @param maxBytes the table is not larger
   */
  KeyOffsets(long expected, long maxBytes) {
    long affordable = Math.min(maxBytes / SLOT_BYTES, (Integer.MAX_VALUE - 8) / 3);
    long wanted = Math.min(expected, Integer.MAX_VALUE) * 4 / 3 + 2;
    slotCount = (int) Math.max(2, Math.min(affordable, wanted));
    most = slotCount * 3L / 4;
    slots = new long[3 * slotCount];
  }

  boolean hasRoomFor(int records) {
    return size + records <= most;
  }

  /** Takes note of a record with a key; later records come later. */
  void put(RecordCursor record) {
    int slot = find(record);
    if (slots[slot + 2] == 0) {
      slots[slot] = high;
      slots[slot + 1] = low;
      size++;
    }
    slots[slot + 2] = record.offset() + 1;
  }

  /** Whether no later record of the same key was put. */
  boolean hasNothingNewer(RecordCursor record) {
    return slots[find(record) + 2] <= record.offset() + 1;
  }

  /** Index of the key's slot, or of the free one where it belongs. */
  private int find(RecordCursor record) {
    hash(record);
    int slot = (int) Math.multiplyHigh(low >>> 1, 2L * slotCount);
    while (slots[3 * slot + 2] != 0 && (slots[3 * slot] != high || slots[3 * slot + 1] != low)) {
      slot = slot + 1 == slotCount ? 0 : slot + 1;
    }
    return 3 * slot;
  }

  private void hash(RecordCursor record) {
    int bytes = record.keySize();
    if (bytes > key.length) {
      key = new byte[Math.max(bytes, 2 * key.length)];
    }
    record.copyKey(key, 0);
    hash.hash(key, bytes);
    high = hash.first();
    low = hash.second();
  }
}
