package dev.weir.storage;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;

/** What {@link PartitionLog#read} found. */
public sealed interface ReadOutcome {
  /**
   * Whole batches of one segment, believed to be in the page cache. The first batch holds the
   * offset asked for and may begin below it. The receiver owns the range.
   *
   * @param nextOffset where to read on: one past the last offset in the range
   */
  record Slice(FileRange range, long nextOffset) implements ReadOutcome {}

  /** Nothing to read below the limit yet. */
  record UpToDate() implements ReadOutcome {
    static final UpToDate INSTANCE = new UpToDate();
  }

  /** The offset is not in the log. */
  record OutOfRange(long logStartOffset, long logEndOffset) implements ReadOutcome {}

  /**
   * The place is not known in memory, or its bytes are not in the page cache: run the read on a
   * {@code weir-read-n} thread and take its outcome from there. The receiver owns the read.
   */
  record NeedsDisk(DiskRead read) implements ReadOutcome {}

  /** The log cannot be read here; the message is one sentence. */
  record Unavailable(ErrorCode code, String message) implements ReadOutcome {}
}
