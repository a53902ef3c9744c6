package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
  private static final long[] NO_KEYS = {};
  private static final int[] NO_VALUES = {};

  private final Kind kind;
  private final LogFile file;
  private int written;
  private long[] keys = NO_KEYS; // grows with the first entry
  private int[] values = NO_VALUES;
  private int pending;
  private long lastKey = -1;
  private int lastValue = -1;
  private boolean broken;
  private volatile @Nullable Bounds unchecked;
  private volatile boolean wrong;

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
    return view.isPlausible(new Bounds(written, maxKey, maxValue));
  }

  /**
   * Takes the entries in the file to be so many, up to this key and value; looks at nothing. What
   * is added must be above them.
   */
  void restore(int entries, long key, int value) {
    written = entries;
    lastKey = key;
    lastValue = value;
    unchecked = new Bounds(entries, key, value);
  }

  /** What the first entries of a file, at least one, may be at most. */
  record Bounds(int entries, long maxKey, long maxValue) {}

  /** How many entries the file has; -1 when they turned out not to be what was written. */
  int written() {
    return wrong ? -1 : written;
  }

  /**
   * A restored index is looked at by whoever uses it first; when it is wrong, it is used no more,
   * and the next open builds it anew. On the reader's thread.
   *
   * @return whether the entries in the file can be used
   */
  boolean isRight(IndexView view) throws IOException {
    Bounds bounds = unchecked;
    if (bounds != null && bounds.entries > 0) {
      boolean right = view.isPlausible(bounds);
      wrong = wrong || !right;
      unchecked = null; // last: who sees it gone sees the verdict
    }
    return !wrong;
  }

  /** Empties the index, in memory and on disk. */
  void clear() throws IOException {
    file.truncate(0);
    written = 0;
    forgetPending();
    lastKey = -1;
    lastValue = -1;
    broken = false;
    unchecked = null;
    wrong = false;
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
    if (count == 0) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(count * kind.entryBytes());
    for (int i = 0; i < count; i++) {
      kind.put(bytes, keys[i], values[i]);
    }
    forgetPending();
    if (broken) {
      return;
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
    forgetPending();
  }

  /** Views have these arrays as well and read them on: they are never used again. */
  private void forgetPending() {
    pending = 0;
    keys = NO_KEYS;
    values = NO_VALUES;
  }

  /** The entries as they are now, for a reader on another thread. */
  IndexView view() {
    return new IndexView(this, kind, written, keys, values, pending);
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
