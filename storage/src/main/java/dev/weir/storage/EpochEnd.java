package dev.weir.storage;

/**
 * Where a leader epoch ends in this log (KIP-101, KIP-279).
 *
 * @param epoch the largest one that is not above the one asked for; −1 when the log cannot tell
 * @param endOffset where the next epoch begins, or the log's end; −1 when the log cannot tell
 */
public record EpochEnd(int epoch, long endOffset) {
  /** The epoch is above all that the log has, or it has none. */
  public static final EpochEnd UNDEFINED = new EpochEnd(-1, -1);
}
