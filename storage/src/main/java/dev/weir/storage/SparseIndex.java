package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A segment's index: entries of a rising key and a rising 4-byte value, in Kafka's layout. Entries
 * go to the file in groups; at most {@link #MAX_PENDING} of them are held in memory, so an index of
 * any size costs the same.
 *
 * <p>Never the truth: recovery rebuilds it from the log, readers check what it points at. So a
 * failed write of an entry only makes the index sparser. Owned by the log's loop; other threads
 * read through {@link #view}.
 */
final class SparseIndex {
  /** What the key is. */
  enum Kind {
    /** Last offset of a batch, relative to the segment; the value is the batch's position. */
    OFFSET(Integer.BYTES),
    /**
     * Largest timestamp so far; the value is the last offset, relative, of the batch that has it.
     */
    TIME(Long.BYTES);

    private final int keyBytes;

    Kind(int keyBytes) {
      this.keyBytes = keyBytes;
    }

    int entryBytes() {
      return keyBytes + Integer.BYTES;
    }

    long key(ByteBuffer entry, int at) {
      return keyBytes == Integer.BYTES ? entry.getInt(at) : entry.getLong(at);
    }

    int value(ByteBuffer entry, int at) {
      return entry.getInt(at + keyBytes);
    }

    void put(ByteBuffer target, long key, int value) {
      if (keyBytes == Integer.BYTES) {
        target.putInt((int) key);
      } else {
        target.putLong(key);
      }
      target.putInt(value);
    }
  }

  private static final int FIRST_CAPACITY = 16;
  static final int MAX_PENDING = 256;

  private final Kind kind;
  private final LogFile file;
  private int written;
  private long[] keys = new long[FIRST_CAPACITY];
  private int[] values = new int[FIRST_CAPACITY];
  private int pending;
  private long lastKey = -1;
  private int lastValue = -1;
  private boolean broken;

  /** An index over a file that is empty or holds whole entries; see {@link #load}. */
  SparseIndex(Kind kind, LogFile file) {
    this.kind = kind;
    this.file = file;
  }

  /**
   * Takes up the entries in the file.
   *
   * @return false when they cannot be what was written: {@link #clear} and build anew
   */
  boolean load(long maxKey, long maxValue) throws IOException {
    long size = file.size();
    if (size % kind.entryBytes() != 0 || size > Integer.MAX_VALUE) {
      return false;
    }
    written = (int) (size / kind.entryBytes());
    if (written == 0) {
      return true;
    }
    IndexView view = view();
    lastKey = view.key(written - 1);
    lastValue = view.value(written - 1);
    boolean first = view.key(0) >= 0 && view.value(0) >= 0;
    boolean rising = written == 1 || (view.key(0) < lastKey && view.value(0) < lastValue);
    return first && rising && lastKey <= maxKey && lastValue <= maxValue;
  }

  /** Empties the index, in memory and on disk. */
  void clear() throws IOException {
    file.truncate(0);
    written = 0;
    pending = 0;
    lastKey = -1;
    lastValue = -1;
    broken = false;
  }

  /** Adds an entry; the key must be above the last one. */
  void add(long key, int value) {
    if (key <= lastKey) {
      throw new IllegalArgumentException("index key " + key + " is not above " + lastKey);
    }
    if (pending == MAX_PENDING) {
      write();
    }
    if (pending == keys.length) {
      keys = Arrays.copyOf(keys, Math.max(FIRST_CAPACITY, pending * 2));
      values = Arrays.copyOf(values, Math.max(FIRST_CAPACITY, pending * 2));
    }
    keys[pending] = key;
    values[pending] = value;
    pending++;
    lastKey = key;
    lastValue = value;
  }

  /** Writes what is held in memory to the file (page cache). */
  void write() {
    int count = pending;
    pending = 0;
    if (broken || count == 0) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(count * kind.entryBytes());
    for (int i = 0; i < count; i++) {
      kind.put(bytes, keys[i], values[i]);
    }
    try {
      file.append(bytes.flip());
      written += count;
    } catch (NoDescriptorException nothingWritten) {
      // these entries are missing, no more
    } catch (IOException failure) {
      cutTo(written);
    }
  }

  /** Writes the rest and gives back the memory; no entry follows. */
  void seal() {
    write();
    keys = new long[0];
    values = new int[0];
  }

  /** The entries as they are now, for a reader on another thread. */
  IndexView view() {
    return new IndexView(
        kind, file, written, Arrays.copyOf(keys, pending), Arrays.copyOf(values, pending));
  }

  /** Key of the last entry, -1 when there is none. */
  long lastKey() {
    return lastKey;
  }

  /** Value of the last entry, -1 when there is none. */
  int lastValue() {
    return lastValue;
  }

  LogFile file() {
    return file;
  }

  private void cutTo(int entries) {
    try {
      file.truncate((long) entries * kind.entryBytes());
    } catch (IOException alsoFailed) {
      // half an entry may lie at the end: the next open finds that and rebuilds
      broken = true;
    }
  }
}
