package dev.weir.core.record;

/**
 * How much a compressed batch may grow when it is read, so that a few bytes cannot fill the memory.
 * A batch beyond either limit is BATCH_TOO_LARGE.
 *
 * <p>Writer and reader must agree: a reader with smaller limits than the broker that accepted the
 * batch cannot get past it.
 *
 * @param maxBytes the most bytes a batch's records may have when decompressed
 * @param maxRatio the most decompressed bytes per compressed byte; looked at only above {@link
 *     #RATIO_FREE_BYTES}
 */
public record DecompressionLimits(long maxBytes, int maxRatio) {
  /** Up to this size any ratio is accepted: short batches of equal lines shrink a thousandfold. */
  public static final long RATIO_FREE_BYTES = 2L << 20;

  /** 32 MiB and 1:1000. */
  public static final DecompressionLimits DEFAULT = new DecompressionLimits(32L << 20, 1000);

  public DecompressionLimits {
    if (maxBytes < 1 || maxRatio < 1) {
      throw new IllegalArgumentException(
          "limits are at least 1, not " + maxBytes + " bytes and ratio " + maxRatio);
    }
  }

  /** The most bytes that so many compressed bytes may become. */
  long capFor(int compressedBytes) {
    return Math.min(maxBytes, Math.max(RATIO_FREE_BYTES, (long) compressedBytes * maxRatio));
  }
}
