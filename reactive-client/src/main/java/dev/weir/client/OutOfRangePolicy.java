package dev.weir.client;

/** What a consumer does when the offset it wants is not (or no longer) in the log. */
public enum OutOfRangePolicy {
  /** The subscription ends with OFFSET_OUT_OF_RANGE. */
  FAIL,
  /** It goes on with the first record that is there; what was in between is lost to it. */
  EARLIEST,
  /** It goes on with the next record that arrives; what was in between is lost to it. */
  LATEST
}
