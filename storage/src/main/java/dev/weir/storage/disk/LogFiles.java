package dev.weir.storage.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system as logs use it. Any thread may call; all calls may block on the disk.
 *
 * <p>Creating, renaming and deleting change the directory in memory only: they survive a power cut
 * for certain after {@link #syncDirectory}.
 */
public interface LogFiles {
  /** Creates an empty file, which must not exist, and opens it. */
  LogFile create(Path file) throws IOException;

  /**
   * Opens an existing file, positioned at its end. Not all that is in it need be on stable storage:
   * a {@link LogFile#force} covers it.
   *
   * @throws java.nio.file.NoSuchFileException there is none
   */
  LogFile open(Path file) throws IOException;

  /**
   * An existing file of which all bytes are on stable storage, or of no value. It is opened when it
   * is used.
   */
  LogFile settled(Path file);

  /**
   * The size of a file in bytes.
   *
   * @throws java.nio.file.NoSuchFileException there is none
   */
  long size(Path file) throws IOException;

  boolean exists(Path path) throws IOException;

  /** Creates the directory and its missing parents; fine when it exists. */
  void createDirectories(Path directory) throws IOException;

  /** The names in a directory, sorted. */
  List<String> list(Path directory) throws IOException;

  /** Renames a file or directory in one step, replacing a file of that name. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file or an empty directory; fine when there is none. */
  void delete(Path path) throws IOException;

  /** Brings the directory's entries to stable storage. */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Takes the directory for this process until the result is closed or the process ends.
   *
   * @throws IOException another process (or this one) holds it; the message says so
   */
  Closeable lock(Path directory) throws IOException;
}
