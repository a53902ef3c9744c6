package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A file of few bytes that is always replaced as a whole. */
final class SmallFile {
  /** Larger than any we write; a longer one is damaged. */
  private static final int MAX_BYTES = 1 << 30;

  private SmallFile() {}

  static byte[] read(LogFiles files, Path path) throws IOException {
    try (LogFile file = files.open(path)) {
      long size = file.size();
      if (size > MAX_BYTES) {
        throw new IOException(path + " has " + size + " bytes, expected a small file");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) size);
      file.readFully(bytes, 0);
      return bytes.array();
    }
  }

  /**
   * Replaces the file: after a crash it has either the old or the new content. The new content is
   * certain once the caller has synced the directory.
   */
  static void replace(LogFiles files, Path path, byte[] content) throws IOException {
    replace(files, path, content, true);
  }

  /**
   * Replaces the file in the page cache: a power cut may leave the old content, the new, none or
   * garbage, so it is for what a reader verifies and can do without.
   */
  static void replaceUnforced(LogFiles files, Path path, byte[] content) throws IOException {
    replace(files, path, content, false);
  }

  private static void replace(LogFiles files, Path path, byte[] content, boolean force)
      throws IOException {
    Path temporary = path.resolveSibling(path.getFileName() + LogNames.TEMPORARY);
    files.delete(temporary);
    try (LogFile file = files.create(temporary)) {
      file.append(ByteBuffer.wrap(content));
      if (force) {
        file.force();
      }
    }
    files.rename(temporary, path);
  }
}
