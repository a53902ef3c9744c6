package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Steps over the batches that a tailing reader is sent, counts their records, and knows how old the
 * last record of each is: its value ends with the time at which it was handed to the producer.
 * Driven by one thread; the sums may be read by any.
 */
final class TailCounter {
  private static final int SIZE_AT = 8;
  private static final int BEFORE_SIZE = 12;
  private static final int COUNT_AT = 57;
  private static final int HEADER_BYTES = 61;

  /** The time and the number of record headers, none, which ends every record. */
  private static final int TAIL_BYTES = Long.BYTES + 1;

  private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
  private final ByteBuffer tail = ByteBuffer.allocate(TAIL_BYTES);
  private final Ages ages;
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private long left;

  /** Of all readers together. */
  static final class Ages {
    private static final int MOST = 1 << 20;

    private final AtomicLongArray nanos = new AtomicLongArray(MOST);
    private final AtomicInteger count = new AtomicInteger();

    void add(long age) {
      int index = count.getAndIncrement();
      nanos.set(index & (MOST - 1), age);
    }

    void clear() {
      count.set(0);
    }

    /** In milliseconds; of the newest million. */
    double percentile(double share) {
      int known = Math.min(count.get(), MOST);
      long[] sorted = new long[known];
      for (int i = 0; i < known; i++) {
        sorted[i] = nanos.get(i);
      }
      java.util.Arrays.sort(sorted);
      return known == 0
          ? Double.NaN
          : sorted[(int) Math.min(known - 1, (long) (known * share))] / 1e6;
    }
  }

  TailCounter(Ages ages) {
    this.ages = ages;
  }

  long records() {
    return records.get();
  }

  long bytes() {
    return bytes.get();
  }

  /** Takes so many bytes of whole batches, however they are cut. */
  void take(ByteBuffer from, int count) {
    int end = from.position() + count;
    while (from.position() < end) {
      if (left == 0) {
        header.put(from.get());
        if (!header.hasRemaining()) {
          left = header.getInt(SIZE_AT) + (long) BEFORE_SIZE - HEADER_BYTES;
          tail.clear();
        }
      } else if (left > TAIL_BYTES) {
        int skipped = (int) Math.min(left - TAIL_BYTES, end - from.position());
        from.position(from.position() + skipped);
        left -= skipped;
      } else {
        tail.put(from.get());
        left--;
        if (left == 0) {
          onBatch();
        }
      }
    }
  }

  private void onBatch() {
    records.lazySet(records.get() + header.getInt(COUNT_AT));
    bytes.lazySet(bytes.get() + header.getInt(SIZE_AT) + BEFORE_SIZE);
    ages.add(Time.system().nanos() - tail.getLong(0));
    header.clear();
  }
}
