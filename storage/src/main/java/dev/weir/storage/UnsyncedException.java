package dev.weir.storage;

import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;

/**
 * The directory of a log could not be synced: which names a power cut would leave is not known, and
 * a second try would prove nothing.
 */
final class UnsyncedException extends IOException {
  private static final long serialVersionUID = 1L;

  private UnsyncedException(IOException cause) {
    super(cause.getMessage(), cause);
  }

  /** Syncs; on a failure the next start will not believe what it sees. */
  static void syncDirectory(LogHome home) throws IOException {
    try {
      home.files().syncDirectory(home.directory());
    } catch (NoDescriptorException busy) {
      throw busy; // nothing was tried
    } catch (IOException failure) {
      FlushPlan.noteFailure(home);
      throw new UnsyncedException(failure);
    }
  }
}
