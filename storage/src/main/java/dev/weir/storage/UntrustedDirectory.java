package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Which names the directory of a log holds, when that is not certain: a failed sync may have
 * dropped what was done to them, and only a power cut would show it. Segments deleted from the end
 * of the log would come back among those written since; a flush point, an earlier start.
 *
 * <p>So who deletes segments notes before which ones, and after a failure everything that matters
 * is done once more: what is there is written again, a name that was deleted is made and deleted
 * again. Both are harmless when needless, so the note itself may come back too.
 */
final class UntrustedDirectory {
  /** Small files that may be deleted; empty ones say nothing. */
  private static final List<String> DELETABLE =
      List.of(LogNames.CLEAN_SHUTDOWN, LogNames.LEADER_EPOCHS, LogNames.CLEANED_TO);

  private UntrustedDirectory() {}

  /**
   * Before files are deleted from the end of the log: tells the next process, not a crash.
   *
   * @param offsets in the names of these files
   */
  static void noteDeletion(LogHome home, Collection<Long> offsets) throws IOException {
    if (!offsets.isEmpty()) {
      long[] numbers = offsets.stream().mapToLong(Long::longValue).toArray();
      NumbersFile.replace(home.files(), home.file(LogNames.DELETED_SEGMENTS), numbers);
    }
  }

  /** The directory was synced after the deletion. */
  static void forgetDeletion(LogHome home) throws IOException {
    home.files().delete(home.file(LogNames.DELETED_SEGMENTS));
  }

  /** After a failed flush, before anything is opened: makes certain what is seen. */
  static void settle(LogHome home, List<String> names) throws IOException {
    long[] point = NumbersFile.read(home.files(), home.file(LogNames.RECOVERY_POINT), 1);
    for (String name : names) {
      if (name.equals(LogNames.RECOVERY_POINT) || isNeeded(name, point == null ? 0 : point[0])) {
        TailRewrite.rewrite(home, name);
      }
    }
    for (String name : DELETABLE) {
      if (names.contains(name)) {
        TailRewrite.rewrite(home, name);
      } else {
        deleteAgain(home, name);
      }
    }
    LogFiles files = home.files();
    long[] deleted = NumbersFile.read(files, home.file(LogNames.DELETED_SEGMENTS));
    for (long baseOffset : deleted == null ? new long[0] : deleted) {
      String log = LogNames.of(baseOffset, LogNames.LOG);
      // one that has batches was not reached, or another one begins there now
      if (!names.contains(log) || files.size(home.file(log)) == 0) {
        deleteSegmentAgain(home, baseOffset);
      }
    }
    files.syncDirectory(home.directory());
  }

  /** Snapshots are synced before the flush point moves past them; segments are read again. */
  private static boolean isNeeded(String name, long flushPoint) {
    return LogNames.offsetIn(name, LogNames.START).isPresent()
        || LogNames.offsetIn(name, LogNames.PRODUCER_SNAPSHOT).orElse(-1) >= flushPoint
        || LogNames.offsetIn(name, LogNames.PRODUCER_HISTORY).orElse(-1) >= flushPoint;
  }

  private static void deleteSegmentAgain(LogHome home, long baseOffset) throws IOException {
    for (String suffix : LogStart.SEGMENT_FILES) {
      deleteAgain(home, LogNames.of(baseOffset, suffix));
    }
  }

  private static void deleteAgain(LogHome home, String name) throws IOException {
    Path file = home.file(name);
    if (!home.files().exists(file)) {
      home.files().create(file).close();
    }
    home.files().delete(file);
  }
}
