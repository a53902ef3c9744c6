package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.LogFiles;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The transactions whose abort markers lie in one segment, in Kafka's layout. The file exists only
 * once there is one. Owned by the log's loop; other threads read through {@link #view}.
 *
 * <pre>
 * entry: int16 version, int64 producer id, int64 first offset, int64 last offset, int64 last stable offset
 * </pre>
 *
 * <p>Never the truth: what the entries must be follows from the batches. While these are appended
 * or replayed it is summed up here; of a segment that was opened without that, the {@link
 * ProducerSnapshot} at its end says it. A file that does not agree is not believed.
 */
final class AbortedIndex {
  static final int ENTRY_BYTES = 34;
  private static final short VERSION = 0;

  /** A longer file is damaged: a segment of 2 GiB does not have room for so many markers. */
  private static final int MAX_BYTES = 1 << 30;

  /**
   * What the entries are.
   *
   * @param crc CRC-32C of all of them
   */
  record Summary(int count, int crc) {
    static final Summary NONE = new Summary(0, 0);

    static Summary of(ByteBuffer entries) {
      CRC32C check = new CRC32C();
      check.update(entries.duplicate());
      return new Summary(entries.remaining() / ENTRY_BYTES, (int) check.getValue());
    }

    boolean describes(ByteBuffer entries) {
      return entries.remaining() == (long) count * ENTRY_BYTES && equals(of(entries));
    }
  }

  /**
   * The index as it was at one moment.
   *
   * @param summary null when only the file says what is in it
   * @param unwritten entries that the file misses because it could not be written
   * @param rebuilt the entries, when the file was found to be wrong; then nothing else counts
   */
  record View(
      @Nullable Summary summary,
      @Nullable LogFile file,
      List<AbortedTransaction> unwritten,
      @Nullable List<AbortedTransaction> rebuilt) {
    /** The first entries, or fewer when there are not so many. Blocks. */
    ByteBuffer entries(int count) throws IOException {
      ByteBuffer missing = encode(unwritten);
      long stored = (long) count * ENTRY_BYTES - missing.limit();
      ByteBuffer entries = ByteBuffer.allocate(Math.toIntExact(stored + missing.limit()));
      if (file == null || stored < 0 || file.size() < stored) {
        return missing;
      }
      file.readFully(entries.limit((int) stored), 0);
      return entries.limit(entries.capacity()).put(missing).flip();
    }
  }

  private final LogFiles files;
  private final Path path;
  private final CRC32C crc = new CRC32C();
  private final List<AbortedTransaction> unwritten = new ArrayList<>();

  /** Created in the loop, forced on a flush thread. */
  private volatile @Nullable LogFile file;

  private int written;
  private boolean broken;

  /** Set in the loop, or once by a reader of a segment that takes no more batches. */
  private volatile @Nullable Summary summary;

  private volatile @Nullable List<AbortedTransaction> rebuilt;

  private AbortedIndex(LogFiles files, Path path, @Nullable LogFile file) {
    this.files = files;
    this.path = path;
    this.file = file;
  }

  /** Opens the file if it exists. What is in it is not looked at yet. */
  static AbortedIndex open(LogFiles files, Path path) throws IOException {
    return new AbortedIndex(files, path, files.exists(path) ? files.open(path) : null);
  }

  /** As {@link #open}, of a segment on stable storage: opened when it is used. */
  static AbortedIndex settled(LogFiles files, Path path) throws IOException {
    return new AbortedIndex(files, path, files.exists(path) ? files.settled(path) : null);
  }

  /** Forgets all entries, for a replay from the segment's first byte. */
  void clear() throws IOException {
    LogFile old = file;
    file = null;
    if (old != null) {
      old.close();
      files.delete(path);
    }
    written = 0;
    unwritten.clear();
    broken = false;
    crc.reset();
    summary = Summary.NONE;
    rebuilt = null;
  }

  /**
   * Takes up the entries in the file.
   *
   * @return false when they are not what they must be
   */
  boolean trust(Summary expected) throws IOException {
    ByteBuffer entries = allOf(file);
    if (!expected.describes(entries)) {
      return false;
    }
    crc.reset();
    crc.update(entries);
    written = expected.count();
    summary = expected;
    return true;
  }

  /** Adds a transaction whose abort marker was just added to the segment. */
  void add(AbortedTransaction aborted) {
    crc.update(encode(List.of(aborted)));
    Summary before = summary;
    summary = new Summary(before == null ? 1 : before.count() + 1, (int) crc.getValue());
    unwritten.add(aborted);
    write();
  }

  /** Writes what could not be written before (page cache). */
  void write() {
    if (broken || unwritten.isEmpty()) {
      return;
    }
    LogFile target = file;
    try {
      if (target == null) {
        files.delete(path); // half made by an attempt that failed
        target = files.create(path);
        file = target;
      }
      target.append(encode(unwritten));
      written += unwritten.size();
      unwritten.clear();
    } catch (NoDescriptorException nothingWritten) {
      // at the next marker, or when the segment is completed
    } catch (IOException failure) {
      cutTo(target);
    }
  }

  private void cutTo(@Nullable LogFile target) {
    try {
      if (target != null) {
        target.truncate((long) written * ENTRY_BYTES);
      }
    } catch (IOException alsoFailed) {
      broken = true; // the next open finds that the file does not agree
    }
  }

  /** What the entries are; null when only the file says it. */
  @Nullable Summary summary() {
    return summary;
  }

  View view() {
    return new View(summary, file, List.copyOf(unwritten), rebuilt);
  }

  /** A reader has found that the file holds what it must. Any thread. */
  void onConfirmed(Summary found) {
    summary = found;
  }

  /** A reader has found these entries in the batches, because the file is wrong. Any thread. */
  void onRebuilt(List<AbortedTransaction> found) {
    rebuilt = List.copyOf(found);
  }

  /** Null while there is nothing in it. */
  @Nullable LogFile file() {
    return file;
  }

  void close() {
    LogFile open = file;
    if (open != null) {
      try {
        open.close();
      } catch (IOException failure) {
        // as with every other file of the segment
      }
    }
  }

  private static ByteBuffer allOf(@Nullable LogFile file) throws IOException {
    if (file == null || file.size() > MAX_BYTES) {
      return ByteBuffer.allocate(0);
    }
    ByteBuffer entries = ByteBuffer.allocate((int) file.size());
    file.readFully(entries, 0);
    return entries.flip();
  }

  static ByteBuffer encode(List<AbortedTransaction> entries) {
    ByteBuffer bytes = ByteBuffer.allocate(entries.size() * ENTRY_BYTES);
    for (AbortedTransaction each : entries) {
      bytes
          .putShort(VERSION)
          .putLong(each.producerId())
          .putLong(each.firstOffset())
          .putLong(each.lastOffset())
          .putLong(each.lastStableOffset());
    }
    return bytes.flip();
  }

  static List<AbortedTransaction> decode(ByteBuffer bytes) {
    List<AbortedTransaction> entries = new ArrayList<>();
    while (bytes.remaining() >= ENTRY_BYTES) {
      bytes.getShort();
      entries.add(
          new AbortedTransaction(
              bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong()));
    }
    return entries;
  }
}
