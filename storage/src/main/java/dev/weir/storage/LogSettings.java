package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.TimestampBounds;
import dev.weir.core.record.TimestampType;
import java.util.function.Consumer;

/**
 * What a log needs to know of its topic's configuration, overrides already resolved.
 *
 * @param segmentBytes a segment rolls before it exceeds this ({@code segment.bytes}). Small: many
 *     files; large: coarse retention, longer scan after a crash
 * @param indexIntervalBytes bytes of log between two index entries ({@code index.interval.bytes}).
 *     Small: larger indexes; large: longer header scans for cold reads
 * @param maxMessageBytes largest batch ({@code max.message.bytes})
 * @param maxRecordBytes largest record after decompression
 * @param decompression bounds against decompression bombs
 * @param timestampType who sets record timestamps ({@code message.timestamp.type})
 * @param timestampBounds which create times are believed ({@code message.timestamp.before.max.ms},
 *     {@code message.timestamp.after.max.ms})
 * @param durability when a replica's copy counts ({@code durability})
 * @param hotBytes how far behind the end of the log bytes written by this process are taken to be
 *     in the page cache
 * @param retention how long records are kept
 * @param compaction whether only the last record of each key is kept
 */
public record LogSettings(
    int segmentBytes,
    int indexIntervalBytes,
    int maxMessageBytes,
    int maxRecordBytes,
    DecompressionLimits decompression,
    TimestampType timestampType,
    TimestampBounds timestampBounds,
    Durability durability,
    long hotBytes,
    RetentionSettings retention,
    CompactionSettings compaction) {
  private static final int MIB = 1 << 20;

  /** The defaults: segments of 1 GiB, batches up to 1 MiB + 64 KiB, create time, fsync. */
  public static final LogSettings DEFAULTS =
      new LogSettings(
          1 << 30,
          4096,
          MIB + (64 << 10),
          MIB,
          DecompressionLimits.DEFAULT,
          TimestampType.CREATE_TIME,
          TimestampBounds.DEFAULT,
          Durability.FSYNC,
          64L * MIB,
          RetentionSettings.DEFAULTS,
          CompactionSettings.DEFAULTS);

  /**
   * Checks every value.
   *
   * @throws WeirException INVALID_CONFIG that names the setting and what is allowed
   */
  public LogSettings {
    require(segmentBytes >= 1024, "segment.bytes", segmentBytes, "at least 1024");
    require(indexIntervalBytes >= 0, "index.interval.bytes", indexIntervalBytes, "not negative");
    require(maxMessageBytes >= 61, "max.message.bytes", maxMessageBytes, "at least 61");
    require(maxRecordBytes >= 1, "max.record.bytes", maxRecordBytes, "at least 1");
    require(hotBytes >= 0, "hot.bytes", hotBytes, "not negative");
  }

  public LogSettings withSegmentBytes(int bytes) {
    return with(draft -> draft.segmentBytes = bytes);
  }

  public LogSettings withIndexIntervalBytes(int bytes) {
    return with(draft -> draft.indexIntervalBytes = bytes);
  }

  public LogSettings withMaxMessageBytes(int bytes) {
    return with(draft -> draft.maxMessageBytes = bytes);
  }

  public LogSettings withMaxRecordBytes(int bytes) {
    return with(draft -> draft.maxRecordBytes = bytes);
  }

  public LogSettings withTimestampType(TimestampType type) {
    return with(draft -> draft.timestampType = type);
  }

  public LogSettings withTimestampBounds(TimestampBounds bounds) {
    return with(draft -> draft.timestampBounds = bounds);
  }

  public LogSettings withDurability(Durability value) {
    return with(draft -> draft.durability = value);
  }

  public LogSettings withHotBytes(long bytes) {
    return with(draft -> draft.hotBytes = bytes);
  }

  public LogSettings withRetention(RetentionSettings value) {
    return with(draft -> draft.retention = value);
  }

  public LogSettings withCompaction(CompactionSettings value) {
    return with(draft -> draft.compaction = value);
  }

  private LogSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.settings();
  }

  private static void require(boolean holds, String name, long value, String expected) {
    if (!holds) {
      throw new WeirException(
          ErrorCode.INVALID_CONFIG, name + " is " + value + " but must be " + expected);
    }
  }

  /** A copy that may still change. */
  private static final class Draft {
    private int segmentBytes;
    private int indexIntervalBytes;
    private int maxMessageBytes;
    private int maxRecordBytes;
    private DecompressionLimits decompression;
    private TimestampType timestampType;
    private TimestampBounds timestampBounds;
    private Durability durability;
    private long hotBytes;
    private RetentionSettings retention;
    private CompactionSettings compaction;

    Draft(LogSettings settings) {
      segmentBytes = settings.segmentBytes;
      indexIntervalBytes = settings.indexIntervalBytes;
      maxMessageBytes = settings.maxMessageBytes;
      maxRecordBytes = settings.maxRecordBytes;
      decompression = settings.decompression;
      timestampType = settings.timestampType;
      timestampBounds = settings.timestampBounds;
      durability = settings.durability;
      hotBytes = settings.hotBytes;
      retention = settings.retention;
      compaction = settings.compaction;
    }

    LogSettings settings() {
      return new LogSettings(
          segmentBytes,
          indexIntervalBytes,
          maxMessageBytes,
          maxRecordBytes,
          decompression,
          timestampType,
          timestampBounds,
          durability,
          hotBytes,
          retention,
          compaction);
    }
  }
}
