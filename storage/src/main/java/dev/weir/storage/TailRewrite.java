package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;

/**
 * After a failed flush the page cache may show bytes that never reach the disk, because the kernel
 * has marked their pages clean. Writing them to a new file makes them dirty again, so that the
 * flush that follows means something.
 */
final class TailRewrite {
  private static final int CHUNK_BYTES = 128 << 10;

  private TailRewrite() {}

  static void rewrite(LogHome home, Collection<Long> baseOffsets) throws IOException {
    for (long baseOffset : baseOffsets) {
      rewrite(home, LogNames.of(baseOffset, LogNames.LOG));
    }
    home.files().syncDirectory(home.directory());
  }

  /** The file's content and its name are certain once the directory is synced. */
  static void rewrite(LogHome home, String name) throws IOException {
    Path copy = home.file(name + LogNames.TEMPORARY);
    home.files().delete(copy);
    try (LogFile from = home.files().open(home.file(name));
        LogFile to = home.files().create(copy)) {
      copy(from, to);
      to.force();
    }
    home.files().rename(copy, home.file(name));
  }

  private static void copy(LogFile from, LogFile to) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    long size = from.size();
    for (long position = 0; position < size; position += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK_BYTES, size - position));
      from.readFully(chunk, position);
      to.append(chunk.flip());
    }
  }
}
