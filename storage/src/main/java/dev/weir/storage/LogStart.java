package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where a log starts, on disk: the name of an empty file. To move the start is to rename it, one
 * step that needs no space, so that a full disk can be emptied. A log without the file starts at 0.
 */
final class LogStart {
  /** Suffixes of a segment's files. */
  static final List<String> SEGMENT_FILES =
      List.of(
          LogNames.OFFSET_INDEX,
          LogNames.TIME_INDEX,
          LogNames.ABORTED_INDEX,
          LogNames.PRODUCER_SNAPSHOT,
          LogNames.PRODUCER_HISTORY,
          LogNames.LOG);

  private LogStart() {}

  /** The start among the names of the log's files; the highest one, if there should be several. */
  static long in(List<String> names) {
    long start = 0;
    for (String name : names) {
      start = Math.max(start, LogNames.offsetIn(name, LogNames.START).orElse(0));
    }
    return start;
  }

  /** Certain once the directory is synced. */
  static void move(LogHome home, long from, long to) throws IOException {
    Path old = home.file(LogNames.of(from, LogNames.START));
    Path target = home.file(LogNames.of(to, LogNames.START));
    if (home.files().exists(target)) {
      return; // moved already, by one who could not go on to make it certain
    }
    if (home.files().exists(old)) {
      home.files().rename(old, target);
    } else {
      home.files().create(target).close();
    }
  }

  /** Deletes a segment that lies below the start. Its log goes last: it tells what is left over. */
  static void deleteSegment(LogHome home, long baseOffset) throws IOException {
    for (String suffix : SEGMENT_FILES) {
      home.files().delete(home.file(LogNames.of(baseOffset, suffix)));
    }
  }

  /** Deletes what an interrupted deletion has left: files of segments below the first one. */
  static void deleteLeftovers(LogHome home, List<String> names, long firstBaseOffset)
      throws IOException {
    LogFiles files = home.files();
    for (String name : names) {
      if (offsetOf(name) < firstBaseOffset) {
        files.delete(home.file(name));
      }
    }
  }

  private static long offsetOf(String name) {
    for (String suffix : SEGMENT_FILES) {
      OptionalLong offset = LogNames.offsetIn(name, suffix);
      if (offset.isPresent()) {
        return offset.getAsLong();
      }
    }
    return Long.MAX_VALUE;
  }
}
