package dev.weir.storage;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Names of the files in a log's directory; those of segments are Kafka's. */
final class LogNames {
  static final String LOG = ".log";
  static final String OFFSET_INDEX = ".index";
  static final String TIME_INDEX = ".timeindex";

  /** Aborted transactions; there only when the segment has abort markers. */
  static final String ABORTED_INDEX = ".txnindex";

  /** Newest batch of every producer, in Kafka's schema. */
  static final String PRODUCER_SNAPSHOT = ".snapshot";

  /** The batches before the newest one, which Kafka's schema has no place for. */
  static final String PRODUCER_HISTORY = ".history";

  /** An empty file whose name is where the log starts. */
  static final String START = ".start";

  static final String LEADER_EPOCHS = "leader-epoch-checkpoint";
  static final String RECOVERY_POINT = "recovery-point";
  static final String CLEAN_SHUTDOWN = "clean-shutdown";

  /**
   * There as long as no flush has failed, so that a failure is noted by deleting it, which works on
   * a full disk too.
   */
  static final String FLUSHES_INTACT = "flushes-intact";

  /** After a segment file's name: what a cleaning is writing to take its place. */
  static final String CLEANED = ".cleaned";

  /** Batches that take the place of one or more segments, for certain; see {@link #swap}. */
  static final String SWAP = ".swap";

  /** Up to where a cleaning came. */
  static final String CLEANED_TO = "cleaner-offset-checkpoint";

  /** Where segments began that were deleted from the end; see {@link UntrustedDirectory}. */
  static final String DELETED_SEGMENTS = "deleted-segments";

  /** A file that is being written; of no value after a crash. */
  static final String TEMPORARY = ".tmp";

  private static final int OFFSET_DIGITS = 20;

  private LogNames() {}

  static String of(long offset, String suffix) {
    String digits = Long.toString(offset);
    return "0".repeat(OFFSET_DIGITS - digits.length()) + digits + suffix;
  }

  /**
   * A name that says what is replaced: where each of the segments begins and, at last, where the
   * next one does.
   */
  static String swap(List<Long> offsets) {
    return offsets.stream().map(String::valueOf).collect(Collectors.joining("-")) + SWAP;
  }

  /** The offsets in such a name; empty when it is another kind of name. */
  static List<Long> swapOffsets(String name) {
    if (!name.endsWith(SWAP)) {
      return List.of();
    }
    try {
      String offsets = name.substring(0, name.length() - SWAP.length());
      return Arrays.stream(offsets.split("-")).map(Long::parseLong).toList();
    } catch (NumberFormatException notOurs) {
      return List.of();
    }
  }

  /** The offset in a name of this suffix, or empty when it is another kind of name. */
  static OptionalLong offsetIn(String name, String suffix) {
    if (name.length() != OFFSET_DIGITS + suffix.length() || !name.endsWith(suffix)) {
      return OptionalLong.empty();
    }
    try {
      long offset = Long.parseLong(name, 0, OFFSET_DIGITS, 10);
      return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
    } catch (NumberFormatException notDigits) {
      return OptionalLong.empty();
    }
  }
}
