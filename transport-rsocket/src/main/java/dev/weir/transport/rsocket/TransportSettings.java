package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.time.Duration;

/**
 * Bounds every connection keeps, on both sides.
 *
 * @param maxFrameBytes largest frame accepted or sent. Too small: large records are refused. Too
 *     large: a stranger can hold that much memory. At most 2^24 - 1
 * @param highMarkBytes bytes queued to one connection above which no more is asked of its streams.
 *     Too small: the disk is read in dribbles. Too large: memory per slow reader
 * @param hardMarkBytes bytes queued to one connection above which it is closed
 * @param stallTimeout how long bytes may wait while the peer takes none before the connection is
 *     closed
 * @param keepAliveInterval how often a KEEPALIVE is sent
 * @param keepAliveTimeout how long nothing at all may come in before the peer is taken for dead
 */
public record TransportSettings(
    int maxFrameBytes,
    int highMarkBytes,
    int hardMarkBytes,
    Duration stallTimeout,
    Duration keepAliveInterval,
    Duration keepAliveTimeout) {
  static final int FRAME_BYTES_LIMIT = (1 << 24) - 1;

  public TransportSettings {
    if (maxFrameBytes < 1024 || maxFrameBytes > FRAME_BYTES_LIMIT) {
      throw invalid("maxFrameBytes", maxFrameBytes, "1024 to " + FRAME_BYTES_LIMIT);
    }
    if (highMarkBytes < 1) {
      throw invalid("highMarkBytes", highMarkBytes, "at least 1");
    }
    if (hardMarkBytes < highMarkBytes) {
      throw invalid("hardMarkBytes", hardMarkBytes, "at least highMarkBytes");
    }
    if (stallTimeout.isNegative() || stallTimeout.isZero()) {
      throw invalid("stallTimeout", stallTimeout, "a positive duration");
    }
    if (keepAliveInterval.toMillis() < 1) {
      throw invalid("keepAliveInterval", keepAliveInterval, "at least 1 ms");
    }
    if (keepAliveTimeout.compareTo(keepAliveInterval) <= 0) {
      throw invalid("keepAliveTimeout", keepAliveTimeout, "more than keepAliveInterval");
    }
  }

  /**
   * 16 MiB frames, 2 MiB high mark, 32 MiB hard mark, 30 s stall, KEEPALIVE every 5 s, dead after
   * 20 s.
   */
  public static TransportSettings defaults() {
    return new TransportSettings(
        FRAME_BYTES_LIMIT,
        2 << 20,
        32 << 20,
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        Duration.ofSeconds(20));
  }

  public TransportSettings withMaxFrameBytes(int bytes) {
    return new TransportSettings(
        bytes, highMarkBytes, hardMarkBytes, stallTimeout, keepAliveInterval, keepAliveTimeout);
  }

  public TransportSettings withStallTimeout(Duration timeout) {
    return new TransportSettings(
        maxFrameBytes, highMarkBytes, hardMarkBytes, timeout, keepAliveInterval, keepAliveTimeout);
  }

  static WeirException invalid(String name, Object value, String expected) {
    return new WeirException(
        ErrorCode.INVALID_CONFIG, name + " is " + value + ", expected " + expected);
  }
}
