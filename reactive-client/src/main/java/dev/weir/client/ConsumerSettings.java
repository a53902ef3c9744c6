package dev.weir.client;

import java.time.Duration;

/**
 * How a {@link WeirConsumer} reads.
 *
 * <p>Memory of one subscription: at most {@code bufferBytes}, or one frame per partition where that
 * is more; a frame has at most {@code frameBytes}, or one batch ({@code max.message.bytes} of the
 * topic, default 1 MiB + 64 KiB) where that is more.
 *
 * @param frameBytes bytes a broker sends at once; smaller costs throughput
 * @param windowFrames frames asked for and not yet delivered, per partition; one leaves the network
 *     idle while records are delivered
 * @param bufferBytes bound over all partitions of a subscription; with many partitions frames
 *     become smaller (down to 16 KiB), then windows
 * @param readCommitted whether to stop before transactions that are still open
 * @param outOfRange what to do about an offset that is not in the log
 * @param retryTimeout how long a partition may be out of reach before the subscription ends with
 *     the reason
 */
public record ConsumerSettings<K, V>(
    Deserializer<K> keyDeserializer,
    Deserializer<V> valueDeserializer,
    int frameBytes,
    int windowFrames,
    int bufferBytes,
    boolean readCommitted,
    OutOfRangePolicy outOfRange,
    Duration retryTimeout) {

  static final int MIN_FRAME_BYTES = 16 << 10;

  public ConsumerSettings {
    if (frameBytes < 1 || windowFrames < 1 || bufferBytes < 1) {
      throw new IllegalArgumentException(
          "frameBytes, windowFrames and bufferBytes must be positive, not "
              + frameBytes
              + ", "
              + windowFrames
              + " and "
              + bufferBytes);
    }
    if (retryTimeout.isNegative() || retryTimeout.isZero()) {
      throw new IllegalArgumentException("retryTimeout must be positive, not " + retryTimeout);
    }
  }

  /** Defaults: frames of 256 KiB, 4 at a time, 16 MiB in all, 120 s of patience. */
  public static <K, V> ConsumerSettings<K, V> of(
      Deserializer<K> keyDeserializer, Deserializer<V> valueDeserializer) {
    return new ConsumerSettings<>(
        keyDeserializer,
        valueDeserializer,
        256 << 10,
        4,
        16 << 20,
        false,
        OutOfRangePolicy.FAIL,
        Duration.ofMinutes(2));
  }

  public ConsumerSettings<K, V> withFrameBytes(int value) {
    return new ConsumerSettings<>(
        keyDeserializer,
        valueDeserializer,
        value,
        windowFrames,
        bufferBytes,
        readCommitted,
        outOfRange,
        retryTimeout);
  }

  public ConsumerSettings<K, V> withWindowFrames(int value) {
    return new ConsumerSettings<>(
        keyDeserializer,
        valueDeserializer,
        frameBytes,
        value,
        bufferBytes,
        readCommitted,
        outOfRange,
        retryTimeout);
  }

  public ConsumerSettings<K, V> withBufferBytes(int value) {
    return new ConsumerSettings<>(
        keyDeserializer,
        valueDeserializer,
        frameBytes,
        windowFrames,
        value,
        readCommitted,
        outOfRange,
        retryTimeout);
  }

  public ConsumerSettings<K, V> withReadCommitted(boolean value) {
    return new ConsumerSettings<>(
        keyDeserializer,
        valueDeserializer,
        frameBytes,
        windowFrames,
        bufferBytes,
        value,
        outOfRange,
        retryTimeout);
  }

  public ConsumerSettings<K, V> withOutOfRange(OutOfRangePolicy value) {
    return new ConsumerSettings<>(
        keyDeserializer,
        valueDeserializer,
        frameBytes,
        windowFrames,
        bufferBytes,
        readCommitted,
        value,
        retryTimeout);
  }

  public ConsumerSettings<K, V> withRetryTimeout(Duration value) {
    return new ConsumerSettings<>(
        keyDeserializer,
        valueDeserializer,
        frameBytes,
        windowFrames,
        bufferBytes,
        readCommitted,
        outOfRange,
        value);
  }
}
