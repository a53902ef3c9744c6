package dev.weir.benchmarks;

import java.util.Arrays;
import java.util.Random;

/** Values of 100 B to 1 KiB that do not compress; every instance gives the same ones. */
final class SampleValues {
  private static final int MIN_BYTES = 100;
  private static final int MAX_BYTES = 1024;
  private static final byte[] NOISE = new byte[1 << 20];

  static {
    new Random(1).nextBytes(NOISE);
  }

  private final Random random = new Random(2);

  byte[] next() {
    int length = MIN_BYTES + random.nextInt(MAX_BYTES - MIN_BYTES + 1);
    int from = random.nextInt(NOISE.length - length);
    return Arrays.copyOfRange(NOISE, from, from + length);
  }
}
