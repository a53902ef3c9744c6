package dev.weir.broker.campaign;

import java.util.Arrays;

/** The value at each offset as somebody was told; 0 where nobody was. */
final class OffsetTable {
  private long[] values = new long[1 << 10];
  private int end;

  void put(long offset, long value) {
    int at = Math.toIntExact(offset);
    if (at >= values.length) {
      values = Arrays.copyOf(values, Math.max(at + 1, values.length * 2));
    }
    values[at] = value;
    end = Math.max(end, at + 1);
  }

  long at(long offset) {
    return offset < end ? values[(int) offset] : 0;
  }

  /** One past the last offset that somebody was told of. */
  int end() {
    return end;
  }
}
