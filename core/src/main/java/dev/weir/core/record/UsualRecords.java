package dev.weir.core.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A quick look over a batch that accepts what nearly all batches are: uncompressed, offset deltas
 * without gaps, no record headers, no field of a MiB or more. What it does not accept may be valid
 * as well: {@link RecordCursor} decides, and finds the words when it is not.
 *
 * <p>Fields are taken from eight bytes at a time, in a register: reading each byte through the
 * buffer costs more than the checksum and, for small records, as much as writing the batch. Records
 * that are alike go through {@link AlikeRecords}, which is quicker still. One batch, one thread.
 */
final class UsualRecords {
  /** No timestamp that a batch may have. */
  static final long UNUSUAL = Long.MIN_VALUE;

  /** Varints of one, two and three bytes: the bits that say that another byte follows. */
  static final int MORE_1 = 0x80;

  static final int MORE_2 = 0x8080;
  static final int MORE_3 = 0x80_8080;

  /** The lowest bit of a zigzag number is its sign. */
  static final int SIGN = 1;

  /** A varint of -1: a key or a value that is null. */
  static final int NULL = 1;

  /** Numbers from 0 up to these, exclusive, are varints of one, two and three bytes. */
  static final int ONE_BYTE = 1 << 6;

  static final int TWO_BYTES = 1 << 13;
  static final int THREE_BYTES = 1 << 20;

  /** With less, sums of positions and sizes of fields cannot overflow. */
  private static final int MOST_BATCH_BYTES = 1 << 30;

  /** After a look whether records are alike found none, so many pass one by one, at most. */
  private static final int MOST_AT_ONCE = 64;

  /** Fewer records are not worth the look. */
  private static final int FEW = 16;

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final ByteBuffer bytes;
  private final int end;
  private final int maxRecordBytes;
  private final AlikeRecords alike = new AlikeRecords();
  private int at = RecordBatch.HEADER_BYTES;
  private int passed;
  private int smallestDelta = Integer.MAX_VALUE;
  private int largestDelta = Integer.MIN_VALUE;

  private UsualRecords(RecordBatch batch, int maxRecordBytes) {
    this.bytes = batch.buffer();
    this.end = batch.sizeInBytes();
    this.maxRecordBytes = maxRecordBytes;
  }

  /**
   * The largest timestamp when every record is whole, in its place, at most {@code maxRecordBytes}
   * large and from a time between the two, inclusive; else {@link #UNUSUAL}. The batch has create
   * time.
   *
   * @param earliest at least -1
   */
  static long largestTimestamp(RecordBatch batch, int maxRecordBytes, long earliest, long latest) {
    if (batch.compression() != Compression.NONE || batch.sizeInBytes() > MOST_BATCH_BYTES) {
      return UNUSUAL;
    }
    UsualRecords records = new UsualRecords(batch, maxRecordBytes);
    if (!records.pass(batch.recordCount())) {
      return UNUSUAL;
    }
    long smallest = batch.baseTimestamp() + records.smallestDelta;
    long largest = batch.baseTimestamp() + records.largestDelta;
    return earliest <= smallest && smallest <= largest && largest <= latest ? largest : UNUSUAL;
  }

  private boolean pass(int count) {
    int atOnce = count < FEW ? count : 1;
    while (passed < count) {
      if (!passOneByOne(Math.min(count, passed + atOnce))) {
        return false;
      }
      int before = passed;
      if (!passAlike(count)) {
        return false;
      }
      atOnce = passed > before ? 1 : Math.min(2 * atOnce, MOST_AT_ONCE);
    }
    return at == end;
  }

  private boolean passAlike(int count) {
    int last = end - AlikeRecords.SPARE_BYTES;
    if (at > last
        || maxRecordBytes < AlikeRecords.MAX_RECORD_BYTES
        || !alike.aim(bytes, at, passed, count)) {
      return true;
    }
    at = alike.pass(bytes, at, last);
    if (alike.passed() > passed) {
      // not below 0, which is all that has to be known
      smallestDelta = Math.min(smallestDelta, 0);
      largestDelta = Math.max(largestDelta, alike.largestDelta());
      passed = alike.passed();
    }
    return bytes.get(at - 1) == 0; // the header count of the last one
  }

  private boolean passOneByOne(int until) {
    ByteBuffer bytes = this.bytes;
    int end = this.end;
    int at = this.at;
    int smallestDelta = this.smallestDelta;
    int largestDelta = this.largestDelta;
    for (int i = passed; i < until; i++) {
      long word = eightBytes(bytes, at, end);
      int size;
      if ((word & (MORE_2 | SIGN)) == MORE_1) {
        size = half2((int) word);
        word >>>= 2 * Byte.SIZE;
        at += 2;
      } else if ((word & (MORE_1 | SIGN)) == 0) {
        size = half1((int) word);
        word >>>= Byte.SIZE;
        at++;
      } else if ((word & (MORE_3 | SIGN)) == MORE_2) {
        size = half3((int) word);
        word >>>= 3 * Byte.SIZE;
        at += 3;
      } else {
        return false;
      }
      int next = at + size;
      if (next > end) {
        return false;
      }
      word >>>= Byte.SIZE; // attributes mean nothing
      int time;
      if ((word & MORE_1) == 0) {
        time = half1((int) word);
        at += 2;
      } else if ((word & MORE_2) == MORE_1) {
        time = half2((int) word);
        at += 3;
      } else if ((word & MORE_3) == MORE_2) {
        time = half3((int) word);
        at += 4;
      } else {
        return false;
      }
      time ^= -((int) word & SIGN);
      smallestDelta = Math.min(smallestDelta, time);
      largestDelta = Math.max(largestDelta, time);
      if (at >= next) {
        return false;
      }

      word = eightBytes(bytes, at, end);
      if (i < ONE_BYTE) {
        if ((word & 0xff) != i << 1) {
          return false;
        }
        word >>>= Byte.SIZE;
        at++;
      } else if (i < TWO_BYTES) {
        if ((word & 0xffff) != twoBytes(i)) {
          return false;
        }
        word >>>= 2 * Byte.SIZE;
        at += 2;
      } else if (i < THREE_BYTES) {
        if ((word & 0xff_ffff) != threeBytes(i)) {
          return false;
        }
        word >>>= 3 * Byte.SIZE;
        at += 3;
      } else {
        return false;
      }
      int keySize;
      if ((word & (MORE_1 | SIGN)) == 0) {
        keySize = half1((int) word);
        at += 1 + keySize;
      } else if ((word & 0xff) == NULL) {
        keySize = 0;
        at++;
      } else if ((word & (MORE_2 | SIGN)) == MORE_1) {
        keySize = half2((int) word);
        at += 2 + keySize;
      } else if ((word & (MORE_3 | SIGN)) == MORE_2) {
        keySize = half3((int) word);
        at += 3 + keySize;
      } else {
        return false;
      }
      if (at >= next) {
        return false;
      }

      word = eightBytes(bytes, at, end);
      int valueSize;
      if ((word & (MORE_2 | SIGN)) == MORE_1) {
        valueSize = half2((int) word);
        at += 2 + valueSize;
      } else if ((word & (MORE_1 | SIGN)) == 0) {
        valueSize = half1((int) word);
        at += 1 + valueSize;
      } else if ((word & 0xff) == NULL) {
        valueSize = 0;
        at++;
      } else if ((word & (MORE_3 | SIGN)) == MORE_2) {
        valueSize = half3((int) word);
        at += 3 + valueSize;
      } else {
        return false;
      }
      if (at != next - 1 || keySize + valueSize > maxRecordBytes || bytes.get(at) != 0) {
        return false;
      }
      at = next;
    }
    this.at = at;
    this.passed = until;
    this.smallestDelta = smallestDelta;
    this.largestDelta = largestDelta;
    return true;
  }

  /** The bytes from there on, the first one lowest; zeros beyond the end. */
  private static long eightBytes(ByteBuffer bytes, int at, int end) {
    if (at <= end - Long.BYTES) {
      return (long) LONG.get(bytes, at);
    }
    // a batch has more than eight bytes
    int beyond = at + Long.BYTES - end;
    long last = ((long) LONG.get(bytes, end - Long.BYTES)) >>> Byte.SIZE;
    return last >>> (Byte.SIZE * (beyond - 1));
  }

  /** A number from 0 on, of the varint that the word begins with. */
  static int half1(int word) {
    return (word >>> 1) & 0x3f;
  }

  static int half2(int word) {
    return ((word >>> 1) & 0x3f) | ((word >>> 2) & 0x1fc0);
  }

  static int half3(int word) {
    return ((word >>> 1) & 0x3f) | ((word >>> 2) & 0x1fc0) | ((word >>> 3) & 0xf_e000);
  }

  /** A number below {@link #TWO_BYTES} as a varint of two bytes, the first one lowest. */
  static int twoBytes(int delta) {
    return ((delta << 1) & 0x7f) | MORE_1 | ((delta << 2) & 0x7f00);
  }

  /** A number below {@link #THREE_BYTES} as a varint of three bytes, the first one lowest. */
  static int threeBytes(int delta) {
    return ((delta << 1) & 0x7f) | MORE_2 | ((delta << 2) & 0x7f00) | ((delta << 3) & 0x7f_0000);
  }
}
