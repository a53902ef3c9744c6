package dev.weir.core.record;

import static dev.weir.core.record.UsualRecords.MORE_1;
import static dev.weir.core.record.UsualRecords.MORE_2;
import static dev.weir.core.record.UsualRecords.NULL;
import static dev.weir.core.record.UsualRecords.ONE_BYTE;
import static dev.weir.core.record.UsualRecords.SIGN;
import static dev.weir.core.record.UsualRecords.THREE_BYTES;
import static dev.weir.core.record.UsualRecords.TWO_BYTES;
import static dev.weir.core.record.UsualRecords.half1;
import static dev.weir.core.record.UsualRecords.half2;
import static dev.weir.core.record.UsualRecords.half3;
import static dev.weir.core.record.UsualRecords.threeBytes;
import static dev.weir.core.record.UsualRecords.twoBytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Passes records of 64 bytes to 8 KiB as long as their fields are as wide as those of the first
 * one: then all that comes before the key is checked with one comparison of eight bytes. A record
 * that differs is not wrong, {@link UsualRecords} takes it. Used again and again; one thread.
 *
 * <p>The eight bytes are, from the lowest on: the header count of the record before (0), the size
 * (2 bytes), the attributes, the timestamp delta (1 or 2), the offset delta (1 to 3).
 */
final class AlikeRecords {
  /** No record that passes has more bytes of key and value than this. */
  static final int MAX_RECORD_BYTES = TWO_BYTES;

  /** A record passes if so many bytes follow it: none of its fields is read beyond the end. */
  static final int SPARE_BYTES = 32;

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int SIZE_AT = Byte.SIZE;
  private static final int TIME_AT = 4 * Byte.SIZE;
  private static final int KEY_AT_LEAST = 4;

  /** The bits of a varint of one and two bytes that are the same for all numbers from 0 on. */
  private static final int FRAME_1 = MORE_1 | SIGN;

  private static final int FRAME_2 = MORE_2 | SIGN;

  private boolean longTime;
  private int offsetBytes;
  private int offsetAt;

  /** Which bits of the eight bytes are known before they are read. */
  private long frame;

  /** What they are in the next record. */
  private long expected;

  /** What they would be in the first record that is none of ours. */
  private long until;

  private int largestTime;

  /** Always the same, but not a constant: the compiler would add that one last. */
  private int sizeBytes;

  /**
   * Takes the widths of the record at a position, which {@link #SPARE_BYTES} follow.
   *
   * @param index its number in the batch
   * @return false when it is not for this class
   */
  boolean aim(ByteBuffer bytes, int at, int index, int count) {
    long word = (long) LONG.get(bytes, at - 1);
    longTime = ((word >>> TIME_AT) & MORE_1) != 0;
    offsetBytes = index < ONE_BYTE ? 1 : index < TWO_BYTES ? 2 : 3;
    // the step to one more byte is not made here
    int most = index < ONE_BYTE ? ONE_BYTE : (index < TWO_BYTES ? TWO_BYTES : THREE_BYTES) - 1;
    int end = Math.min(count, most);
    if ((longTime && offsetBytes == 3) || index >= end) {
      return false;
    }
    sizeBytes = Short.BYTES;
    offsetAt = TIME_AT + (longTime ? 2 : 1) * Byte.SIZE;
    long timeFrame = longTime ? FRAME_2 : FRAME_1;
    long offsetFrame = (1L << (Byte.SIZE * offsetBytes)) - 1;
    frame = 0xff | ((long) FRAME_2 << SIZE_AT) | (timeFrame << TIME_AT) | (offsetFrame << offsetAt);
    long size = (long) MORE_1 << SIZE_AT;
    long time = longTime ? (long) MORE_1 << TIME_AT : 0;
    expected = size | time | (offset(index) << offsetAt);
    until = size | time | (offset(end) << offsetAt);
    return true;
  }

  /**
   * Passes the records from there on.
   *
   * @param last where a record may begin at most
   * @return the position of the first one that did not pass; the header count of the last one that
   *     did, in the byte before, is not checked
   */
  int pass(ByteBuffer bytes, int from, int last) {
    // The loop is quick because all it needs fits into registers, and because the way from one
    // word to where the next one lies is as short as it can be.
    long frame = this.frame;
    long expected = this.expected;
    long until = this.until;
    long step = 2L << offsetAt;
    long more = (offsetBytes == 1 ? 0L : offsetBytes == 2 ? MORE_1 : MORE_2) << offsetAt;
    int timeBits = longTime ? 0xffff : 0xff;
    int toKey = KEY_AT_LEAST + (longTime ? 2 : 1) + offsetBytes;
    int toBody = sizeBytes;
    int before = from - 1; // the byte before the record
    int largest = 0;
    while (expected != until) {
      long word = (long) LONG.get(bytes, before);
      if ((word & frame) != expected) {
        break;
      }
      int next = before + toBody + low(word >>> SIZE_AT) + high(word >>> SIZE_AT);
      int keyAt = before + toKey;
      long key = (long) LONG.get(bytes, keyAt);
      int valueAt = keyAt + 1;
      int value = (int) (key >>> Byte.SIZE);
      if ((key & 0xff) != NULL) {
        valueAt += half1((int) key);
        if ((key & FRAME_1) != 0 || valueAt > last) {
          break;
        }
        value = (int) (long) LONG.get(bytes, valueAt);
      }
      // behind the value is the header count, the byte before the next record
      if ((value & FRAME_2) != MORE_1 || valueAt + 2 + half2(value) != next || next >= last) {
        break;
      }
      largest = Math.max(largest, (int) (word >>> TIME_AT) & timeBits); // as wide, so as ordered
      expected = (expected + step) | more;
      before = next;
    }
    this.expected = expected;
    this.largestTime = largest;
    return before + 1;
  }

  /** The number in the batch of the record after the last one that passed. */
  int passed() {
    int offset = (int) (expected >>> offsetAt);
    return offsetBytes == 1
        ? (offset & 0xff) >>> 1
        : offsetBytes == 2 ? half2(offset) : half3(offset);
  }

  /** The two summands of {@link UsualRecords#half2}. */
  private static int low(long word) {
    return (int) (word >>> 1) & 0x3f;
  }

  private static int high(long word) {
    return (int) (word >>> 2) & 0x1fc0;
  }

  /** The largest timestamp delta of those that passed, at least 0. */
  int largestDelta() {
    return longTime ? half2(largestTime) : half1(largestTime);
  }

  private long offset(int index) {
    return offsetBytes == 1 ? 2L * index : offsetBytes == 2 ? twoBytes(index) : threeBytes(index);
  }
}
