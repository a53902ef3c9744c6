package dev.weir.client;

import java.time.Instant;

/** Where reading a partition begins. */
public sealed interface StartingPosition {
  /** The first record that is still there. */
  record Earliest() implements StartingPosition {}

  /** Only records that arrive after the subscription. */
  record Latest() implements StartingPosition {}

  /** This offset. */
  record AtOffset(long offset) implements StartingPosition {
    public AtOffset {
      if (offset < 0) {
        throw new IllegalArgumentException("an offset is not negative: " + offset);
      }
    }
  }

  /** The first record at or after this time; the end when there is none. */
  record AtTime(Instant time) implements StartingPosition {}

  static StartingPosition earliest() {
    return new Earliest();
  }

  static StartingPosition latest() {
    return new Latest();
  }

  static StartingPosition offset(long offset) {
    return new AtOffset(offset);
  }

  static StartingPosition timestamp(Instant time) {
    return new AtTime(time);
  }
}
