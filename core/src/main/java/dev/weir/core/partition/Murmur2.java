package dev.weir.core.partition;

/**
 * The 32-bit MurmurHash2 with the seed Kafka's producers use, so that a key has the same partition
 * here and there.
 */
public final class Murmur2 {
  private static final int SEED = 0x9747b28c;
  private static final int MULTIPLIER = 0x5bd1e995;
  private static final int SHIFT = 24;

  private Murmur2() {}

  public static int hash(byte[] data) {
    int hash = SEED ^ data.length;
    int wholeWords = data.length & ~3;
    for (int i = 0; i < wholeWords; i += 4) {
      int word =
          (data[i] & 0xff)
              | ((data[i + 1] & 0xff) << 8)
              | ((data[i + 2] & 0xff) << 16)
              | ((data[i + 3] & 0xff) << 24);
      word *= MULTIPLIER;
      word ^= word >>> SHIFT;
      hash = (hash * MULTIPLIER) ^ (word * MULTIPLIER);
    }
    int rest = data.length - wholeWords;
    if (rest > 0) {
      for (int i = rest - 1; i >= 0; i--) {
        hash ^= (data[wholeWords + i] & 0xff) << (8 * i);
      }
      hash *= MULTIPLIER;
    }
    hash ^= hash >>> 13;
    hash *= MULTIPLIER;
    return hash ^ (hash >>> 15);
  }

  /** Clears the sign bit; not the absolute value. */
  public static int toPositive(int hash) {
    return hash & 0x7fffffff;
  }

  /** The partition of a key among so many. */
  public static int partitionOf(byte[] key, int partitionCount) {
    return toPositive(hash(key)) % partitionCount;
  }
}
