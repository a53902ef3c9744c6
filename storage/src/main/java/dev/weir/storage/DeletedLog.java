package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * The directory of a log that was deleted, under a name that no partition has, until its files are
 * gone.
 */
public final class DeletedLog {
  private static final String SUFFIX = "-delete";

  private final LogHome home;
  private final Path doomed;

  DeletedLog(LogHome home, UUID uuid) {
    this.home = home;
    this.doomed =
        home.directory().resolveSibling(home.directory().getFileName() + "." + uuid + SUFFIX);
  }

  /**
   * Whether a directory's name says that its log was deleted: it is no partition, see {@link
   * #removeLeftovers}. (A topic's name may end in the same way, but then a partition number
   * follows.)
   */
  public static boolean isDeleted(String directoryName) {
    return directoryName.endsWith(SUFFIX);
  }

  /** Removes what deletions left behind when the process ended. Blocks; before logs are opened. */
  public static void removeLeftovers(LogFiles files, Path dataDirectory) throws IOException {
    for (String name : files.list(dataDirectory)) {
      if (isDeleted(name)) {
        remove(files, dataDirectory.resolve(name));
      }
    }
  }

  void rename() throws IOException {
    home.files().rename(home.directory(), doomed);
    Path parent = doomed.getParent();
    if (parent != null) {
      home.files().syncDirectory(parent);
    }
  }

  void remove() {
    try {
      remove(home.files(), doomed);
    } catch (IOException failure) {
      // its name keeps it out of the way; the next start tries again
    }
  }

  private static void remove(LogFiles files, Path directory) throws IOException {
    for (String name : files.list(directory)) {
      files.delete(directory.resolve(name));
    }
    files.delete(directory);
  }
}
