package dev.weir.storage.disk;

import java.io.IOException;
import java.nio.file.Path;

/** No space, or no quota, is left for the write; the disk itself is well. */
public final class DiskFullException extends IOException {
  private static final long serialVersionUID = 1L;

  public DiskFullException(Path file, IOException cause) {
    super("no space left for " + file, cause);
  }
}
