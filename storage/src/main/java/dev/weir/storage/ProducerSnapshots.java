package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** The producer snapshots in a log's directory, each named by the offset up to which it holds. */
final class ProducerSnapshots {
  private final LogFiles files;
  private final Path directory;

  ProducerSnapshots(LogFiles files, Path directory) {
    this.files = files;
    this.directory = directory;
  }

  /**
   * Producer states as they were when the log ended at {@code offset}.
   *
   * @param aborted of the segment that ends there; null when it is not known
   */
  record Loaded(long offset, ProducerStates producers, AbortedIndex.@Nullable Summary aborted) {}

  /** Both files; certain once the directory is synced. */
  void write(long offset, ProducerSnapshot snapshot) throws IOException {
    SmallFile.replace(files, path(offset, LogNames.PRODUCER_HISTORY), snapshot.history());
    SmallFile.replace(files, path(offset, LogNames.PRODUCER_SNAPSHOT), snapshot.snapshot());
  }

  /** Both files, in the page cache: if a power cut spoils them, they do not match each other. */
  void writeUnforced(long offset, ProducerSnapshot snapshot) throws IOException {
    SmallFile.replaceUnforced(files, path(offset, LogNames.PRODUCER_HISTORY), snapshot.history());
    SmallFile.replaceUnforced(files, path(offset, LogNames.PRODUCER_SNAPSHOT), snapshot.snapshot());
  }

  /** The undamaged one of this very offset, or null. */
  @Nullable ProducerStates at(long offset) throws IOException {
    Loaded loaded = read(offset);
    return loaded == null ? null : loaded.producers();
  }

  /**
   * The newest undamaged snapshot at or below the offset; the empty one of offset {@code start} if
   * there is none.
   */
  Loaded newestUpTo(long offset, long start) throws IOException {
    long[] offsets = offsets(start, offset);
    for (int i = offsets.length - 1; i >= 0; i--) {
      Loaded loaded = read(offsets[i]);
      if (loaded != null) {
        return loaded;
      }
    }
    return new Loaded(start, new ProducerStates(), null);
  }

  /** Where there are snapshots, whole or not; rising. */
  long[] offsets(long from, long to) throws IOException {
    return files.list(directory).stream()
        .map(name -> LogNames.offsetIn(name, LogNames.PRODUCER_SNAPSHOT))
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .filter(candidate -> candidate >= from && candidate <= to)
        .sorted()
        .toArray();
  }

  void deleteUnless(LongPredicate keep) throws IOException {
    for (String name : files.list(directory)) {
      OptionalLong offset = LogNames.offsetIn(name, LogNames.PRODUCER_SNAPSHOT);
      if (offset.isEmpty()) {
        offset = LogNames.offsetIn(name, LogNames.PRODUCER_HISTORY);
      }
      if (offset.isPresent() && !keep.test(offset.getAsLong())) {
        files.delete(directory.resolve(name));
      }
    }
  }

  /** Whether there is an undamaged one of this very offset. */
  boolean isWhole(long offset) throws IOException {
    return read(offset) != null;
  }

  /** The undamaged one of this very offset, or null. */
  @Nullable Loaded read(long offset) throws IOException {
    ProducerSnapshot snapshot = files(offset);
    ProducerStates producers = snapshot == null ? null : snapshot.read();
    return snapshot == null || producers == null
        ? null
        : new Loaded(offset, producers, snapshot.aborted());
  }

  /**
   * The history of this very offset as it must be when the segment that ends there has these
   * aborted transactions; null when there is nothing to change.
   */
  byte @Nullable [] historyWith(long offset, AbortedIndex.Summary aborted) throws IOException {
    ProducerSnapshot snapshot = files(offset);
    return snapshot == null || snapshot.read() == null || aborted.equals(snapshot.aborted())
        ? null
        : snapshot.withAborted(aborted).history();
  }

  private @Nullable ProducerSnapshot files(long offset) throws IOException {
    try {
      return new ProducerSnapshot(
          SmallFile.read(files, path(offset, LogNames.PRODUCER_SNAPSHOT)),
          SmallFile.read(files, path(offset, LogNames.PRODUCER_HISTORY)));
    } catch (NoSuchFileException halfWritten) {
      return null;
    }
  }

  private Path path(long offset, String suffix) {
    return directory.resolve(LogNames.of(offset, suffix));
  }
}
