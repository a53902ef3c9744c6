package dev.weir.storage.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The machine's file system through {@link FileChannel}s, so many of them at once. */
public final class ChannelLogFiles implements LogFiles {
  private static final String LOCK_FILE = ".lock";

  private final OpenFiles open;

  /**
   * @param mostOpen log files that are kept open; files that are written or read at the moment, and
   *     those that wait for a flush, may be more
   */
  public ChannelLogFiles(int mostOpen) {
    this.open = new OpenFiles(mostOpen);
  }

  /** How many log files are open. */
  public int openFiles() {
    return open.count();
  }

  @Override
  public LogFile create(Path file) throws IOException {
    return new ChannelLogFile(file, open).created();
  }

  @Override
  public LogFile open(Path file) throws IOException {
    return new ChannelLogFile(file, open).opened();
  }

  @Override
  public LogFile settled(Path file) {
    return new ChannelLogFile(file, open);
  }

  @Override
  public long size(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return open.opening(
        () -> {
          try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            List<String> names = new ArrayList<>();
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
            Collections.sort(names);
            return names;
          } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
          } catch (IOException failure) {
            throw ChannelLogFile.classify(directory, failure);
          }
        });
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = open.opening(() -> openDirectory(directory))) {
      channel.force(true);
    }
  }

  private static FileChannel openDirectory(Path directory) throws IOException {
    try {
      return FileChannel.open(directory, StandardOpenOption.READ);
    } catch (IOException failure) {
      throw ChannelLogFile.classify(directory, failure);
    }
  }

  @Override
  public Closeable lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      // told below
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new IOException("the directory " + directory + " is in use by another broker");
    }
    return channel;
  }
}
