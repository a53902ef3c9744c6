package dev.weir.client;

import dev.weir.core.protocol.Isolation;
import java.time.Duration;

/**
 * How one subscription fetches.
 *
 * @param frameBytes asked of the broker
 * @param windowFrames frames asked for and not yet read, per partition
 * @param rotateAfter frames after which a stream is renewed: RSocket streams stall after 2^31 - 1
 */
record FetchPlan(
    int frameBytes,
    int windowFrames,
    boolean readCommitted,
    OutOfRangePolicy outOfRange,
    Duration retryTimeout,
    long rotateAfter) {
  private static final long ROTATE_AFTER = 1L << 30;

  /** Shares the buffer among the partitions: first frames become smaller, then windows. */
  static FetchPlan of(ConsumerSettings<?, ?> settings, int partitions) {
    long share = Math.max(1, settings.bufferBytes() / Math.max(1, partitions));
    long frame = Math.min(settings.frameBytes(), share / settings.windowFrames());
    long floor = Math.min(settings.frameBytes(), ConsumerSettings.MIN_FRAME_BYTES);
    int frameBytes = (int) Math.max(frame, floor);
    long window = Math.max(1, Math.min(settings.windowFrames(), share / frameBytes));
    return new FetchPlan(
        frameBytes,
        (int) window,
        settings.readCommitted(),
        settings.outOfRange(),
        settings.retryTimeout(),
        ROTATE_AFTER);
  }

  /** The window where frames still have an earlier plan's size. */
  int windowOf(int bytesPerFrame) {
    long bytes = (long) frameBytes * windowFrames;
    return bytesPerFrame <= frameBytes
        ? windowFrames
        : (int) Math.max(1, Math.min(windowFrames, bytes / bytesPerFrame));
  }

  Isolation isolation() {
    return readCommitted ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED;
  }
}
