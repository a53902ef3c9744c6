package dev.weir.storage.disk;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The process, or the machine, has as many files and sockets open as it may: nothing was opened and
 * nothing has happened to the file. Works again when something is closed.
 */
public final class NoDescriptorException extends IOException {
  private static final long serialVersionUID = 1L;

  public NoDescriptorException(Path file, IOException cause) {
    super("too many files and sockets are open to open " + file, cause);
  }
}
