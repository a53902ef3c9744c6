package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How long a topic's records are kept.
 *
 * @param deletes whether records go at all for their age and number ({@code cleanup.policy})
 * @param maxAge a segment goes when its newest record is older ({@code retention.ms}), {@link
 *     #FOREVER} for no such bound
 * @param maxBytes the oldest segments go while the rest still has this many bytes ({@code
 *     retention.bytes}), {@link #UNLIMITED} for no such bound
 * @param segmentAge a segment is completed when its first batch is older ({@code segment.ms}).
 *     Small: many files; large: records outlive {@code maxAge} by so much
 * @param segmentJitter a segment is completed up to so much sooner, each by another part of it, so
 *     that not all partitions begin one at once ({@code segment.jitter.ms}); at most {@code
 *     segmentAge} counts
 * @param producerExpiration a producer is forgotten when it has not appended for so long ({@code
 *     producer.id.expiration.ms}), whether its batches are still there or not
 */
public record RetentionSettings(
    boolean deletes,
    Duration maxAge,
    long maxBytes,
    Duration segmentAge,
    Duration segmentJitter,
    Duration producerExpiration) {
  public static final Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Kafka's defaults: a week, any number of bytes. */
  public static final RetentionSettings DEFAULTS =
      new RetentionSettings(
          true,
          Duration.ofDays(7),
          UNLIMITED,
          Duration.ofDays(7),
          Duration.ZERO,
          Duration.ofDays(1));

  /**
   * Checks every value.
   *
   * @throws WeirException INVALID_CONFIG that names the setting and what is allowed
   */
  public RetentionSettings {
    require(!maxAge.isNegative(), "retention.ms", "not negative");
    require(maxBytes >= 0, "retention.bytes", "not negative");
    require(segmentAge.toMillis() >= 1, "segment.ms", "at least 1");
    require(!segmentJitter.isNegative(), "segment.jitter.ms", "not negative");
    require(producerExpiration.toMillis() >= 1, "producer.id.expiration.ms", "at least 1");
  }

  public RetentionSettings withDeletes(boolean value) {
    return with(draft -> draft.deletes = value);
  }

  public RetentionSettings withMaxAge(Duration age) {
    return with(draft -> draft.maxAge = age);
  }

  public RetentionSettings withMaxBytes(long bytes) {
    return with(draft -> draft.maxBytes = bytes);
  }

  public RetentionSettings withSegmentAge(Duration age) {
    return with(draft -> draft.segmentAge = age);
  }

  public RetentionSettings withSegmentJitter(Duration jitter) {
    return with(draft -> draft.segmentJitter = jitter);
  }

  public RetentionSettings withProducerExpiration(Duration age) {
    return with(draft -> draft.producerExpiration = age);
  }

  private RetentionSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new RetentionSettings(
        draft.deletes,
        draft.maxAge,
        draft.maxBytes,
        draft.segmentAge,
        draft.segmentJitter,
        draft.producerExpiration);
  }

  /**
   * The age at which one segment is completed, in milliseconds.
   *
   * @param spread tells one segment from the others; the same number gives the same age
   */
  long segmentMillis(long spread) {
    long age = segmentAge.toMillis();
    long jitter = Math.min(segmentJitter.toMillis(), age);
    if (jitter == 0) {
      return age;
    }
    long mixed = spread * 0x9E3779B97F4A7C15L; // neighbours end up far apart
    return age - Math.floorMod(mixed ^ (mixed >>> 32), jitter);
  }

  private static void require(boolean holds, String name, String expected) {
    if (!holds) {
      throw new WeirException(ErrorCode.INVALID_CONFIG, name + " must be " + expected);
    }
  }

  /** A copy that may still change. */
  private static final class Draft {
    private boolean deletes;
    private Duration maxAge;
    private long maxBytes;
    private Duration segmentAge;
    private Duration segmentJitter;
    private Duration producerExpiration;

    Draft(RetentionSettings settings) {
      deletes = settings.deletes;
      maxAge = settings.maxAge;
      maxBytes = settings.maxBytes;
      segmentAge = settings.segmentAge;
      segmentJitter = settings.segmentJitter;
      producerExpiration = settings.producerExpiration;
    }
  }
}
