package dev.weir.broker;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.storage.disk.LogFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The data directory while this process holds it. */
final class DataDirectory implements AutoCloseable {
  private final Path path;
  private final Closeable lock;

  private DataDirectory(Path path, Closeable lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Creates the directory when there is none, and takes it.
   *
   * @throws WeirException INVALID_CONFIG: not a directory, not writable, or in use by another
   *     broker
   */
  static DataDirectory take(Path path, LogFiles files) {
    try {
      if (Files.exists(path) && !Files.isDirectory(path)) {
        throw unusable(path, "is not a directory", null);
      }
      files.createDirectories(path);
      if (!Files.isWritable(path)) {
        throw unusable(path, "is not writable", null);
      }
    } catch (AccessDeniedException e) {
      throw unusable(path, "cannot be created: permission denied for " + e.getFile(), e);
    } catch (IOException e) {
      throw unusable(path, "cannot be created: " + e.getMessage(), e);
    }
    try {
      return new DataDirectory(path, files.lock(path));
    } catch (AccessDeniedException e) {
      throw unusable(path, "is not writable", e);
    } catch (IOException e) {
      throw unusable(path, "is in use by another broker", e);
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static WeirException unusable(Path path, String why, @Nullable Throwable cause) {
    return new WeirException(
        ErrorCode.INVALID_CONFIG,
        "data directory " + path.toAbsolutePath().normalize() + " " + why,
        cause);
  }
}
