package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * At which offset each leader epoch began in this log. Changed only by batches that are in the log.
 * Owned by the log's loop.
 *
 * <p>The file has Kafka's text format: a line {@code 0} (version), a line with the count, then
 * {@code epoch offset} lines. One more line, {@code crc32c} and eight digits, covers those before;
 * a file without it, as older versions wrote, is used but proves nothing.
 */
final class LeaderEpochs {
  /** Which epoch was flushed at an offset cannot be told. */
  static final int NOT_KNOWN = Integer.MIN_VALUE;

  private static final String CHECKSUM = "crc32c ";

  private final TreeMap<Integer, Long> startOffsets = new TreeMap<>();
  private boolean changed;
  private boolean hasChecksum;

  /** Takes note of a batch that is in the log. */
  void onBatch(int epoch, long baseOffset) {
    if (epoch >= 0 && (startOffsets.isEmpty() || epoch > startOffsets.lastKey())) {
      startOffsets.put(epoch, baseOffset);
      changed = true;
    }
  }

  /** The log starts at the offset now: of the epochs before it only the last one matters. */
  void startAt(long offset) {
    Map.@Nullable Entry<Integer, Long> covering = null;
    while (!startOffsets.isEmpty() && startOffsets.firstEntry().getValue() < offset) {
      covering = startOffsets.pollFirstEntry();
    }
    if (covering != null) {
      if (startOffsets.isEmpty() || startOffsets.firstEntry().getValue() > offset) {
        startOffsets.put(covering.getKey(), offset);
      }
      changed = true;
    }
  }

  /** The log ends at the offset now. */
  void endAt(long offset) {
    startOffsets.values().removeIf(start -> start >= offset);
    changed = true;
  }

  /**
   * The largest epoch up to this one and where it ends. An epoch below all that are known ends
   * where the first of these begins.
   */
  EpochEnd endOf(int epoch, long logEndOffset) {
    if (epoch < 0 || startOffsets.isEmpty() || epoch > startOffsets.lastKey()) {
      return EpochEnd.UNDEFINED;
    }
    Map.@Nullable Entry<Integer, Long> found = startOffsets.floorEntry(epoch);
    Map.@Nullable Entry<Integer, Long> next = startOffsets.higherEntry(epoch);
    return new EpochEnd(
        found == null ? epoch : found.getKey(), next == null ? logEndOffset : next.getValue());
  }

  /** The latest epoch in the log, -1 when there is none. */
  int latest() {
    return startOffsets.isEmpty() ? -1 : startOffsets.lastKey();
  }

  /** Whether there is something the file does not have; asking resets it. */
  boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  boolean isChanged() {
    return changed;
  }

  /** The file could not be written: it still misses something. */
  void markChanged() {
    changed = true;
  }

  byte[] encode() {
    return encodeBelow(Long.MAX_VALUE);
  }

  /** Only the epochs that began below the offset. */
  byte[] encodeBelow(long offset) {
    Map<Integer, Long> below = new TreeMap<>(startOffsets);
    below.values().removeIf(start -> start >= offset);
    StringBuilder text = new StringBuilder("0\n").append(below.size()).append('\n');
    for (Map.Entry<Integer, Long> entry : below.entrySet()) {
      text.append(entry.getKey()).append(' ').append(entry.getValue()).append('\n');
    }
    return (text + checksumLine(text.toString())).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The epoch at the offset as a file with a checksum has it, or {@link #NOT_KNOWN}. Meaningful
   * below the offset up to which the file was complete.
   */
  int checked(long offset) {
    int known = NOT_KNOWN;
    for (Map.Entry<Integer, Long> entry : startOffsets.entrySet()) {
      if (hasChecksum && entry.getValue() <= offset) {
        known = entry.getKey();
      }
    }
    return known;
  }

  /** Epochs that began below the offset. Empty and false when the file is missing or damaged. */
  boolean load(LogFiles files, Path path, long belowOffset) throws IOException {
    startOffsets.clear();
    hasChecksum = false;
    try {
      String text = new String(SmallFile.read(files, path), StandardCharsets.US_ASCII);
      int checksumAt = text.lastIndexOf('\n' + CHECKSUM) + 1;
      String body = checksumAt > 0 ? text.substring(0, checksumAt) : text;
      hasChecksum = checksumAt > 0 && text.equals(body + checksumLine(body));
      if (checksumAt > 0 && !hasChecksum) {
        return false;
      }
      List<String> lines = body.lines().toList();
      if (!lines.get(0).equals("0") || Integer.parseInt(lines.get(1)) != lines.size() - 2) {
        return false;
      }
      for (String line : lines.subList(2, lines.size())) {
        int space = line.indexOf(' ');
        int epoch = Integer.parseInt(line, 0, space, 10);
        long offset = Long.parseLong(line, space + 1, line.length(), 10);
        if (offset < belowOffset) {
          startOffsets.put(epoch, offset);
        }
      }
      return true;
    } catch (NoSuchFileException absent) {
      return false;
    } catch (IndexOutOfBoundsException | NumberFormatException damaged) {
      startOffsets.clear();
      return false;
    }
  }

  private static String checksumLine(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    return String.format(CHECKSUM + "%08x\n", crc.getValue());
  }
}
