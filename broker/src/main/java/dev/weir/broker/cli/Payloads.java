package dev.weir.broker.cli;

import java.util.Random;

/** Values to measure with: printable ASCII without newlines, the same in every run. */
final class Payloads {
  private static final int DIFFERENT = 1024;
  private static final int MAX_POOL_BYTES = 4 << 20;
  private static final int FIRST = ' ' + 1;
  private static final int LAST = '~';

  private final byte[][] pool;

  Payloads(int size) {
    pool = new byte[Math.max(1, Math.min(DIFFERENT, MAX_POOL_BYTES / Math.max(1, size)))][size];
    Random random = new Random(20_000_003L);
    for (byte[] payload : pool) {
      for (int i = 0; i < size; i++) {
        payload[i] = (byte) (FIRST + random.nextInt(LAST - FIRST + 1));
      }
    }
  }

  /** Not to be changed. */
  byte[] get(long number) {
    return pool[(int) (number % pool.length)];
  }
}
