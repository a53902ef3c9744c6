package dev.weir.broker.record;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.storage.ReadOutcome;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reads of one partition that record-level subscriptions may share: under way, or so new that
 * others who follow the end of the log will want the same. Lives in the partition's loop.
 */
final class PartitionReads {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionReads.class);

  /** Bytes asked of a partition at once. */
  static final int PIECE_BYTES = 64 << 10;

  /** Who is so many pieces behind the fastest reads for himself. */
  private static final int KEPT = 4;

  private final Executor readExecutor;
  private final PieceBudget budget;
  private final Map<Long, SharedRead> byOffset = new LinkedHashMap<>();
  private int readers;

  PartitionReads(Executor readExecutor, PieceBudget budget) {
    this.readExecutor = readExecutor;
    this.budget = budget;
  }

  void enter() {
    readers++;
  }

  /** Returns whether nobody is left. */
  boolean leave() {
    if (--readers > 0) {
      return false;
    }
    byOffset.values().forEach(SharedRead::retire);
    byOffset.clear();
    return true;
  }

  /**
   * Takes part in somebody's read that begins at the offset.
   *
   * @param limitOffset how far a read of one's own could go
   * @return false when there is none worth it
   */
  boolean join(long offset, long limitOffset, SharedRead.Taker taker) {
    SharedRead read = byOffset.get(offset);
    return read != null && read.join(taker, limitOffset, PIECE_BYTES / 2);
  }

  /** Reads what was found at the offset, for the taker and for those who come. */
  void begin(ReadOutcome.Slice found, long offset, SharedRead.Taker taker) {
    SharedRead read = new SharedRead(offset, found.nextOffset(), budget);
    read.join(taker, found.nextOffset(), 0);
    SharedRead before = byOffset.remove(offset);
    if (before != null) {
      before.retire();
    }
    byOffset.put(offset, read);
    if (byOffset.size() > KEPT) {
      Iterator<SharedRead> eldest = byOffset.values().iterator();
      eldest.next().retire();
      eldest.remove();
    }
    FileRange range = found.range();
    budget.acquire(range.length(), () -> fill(read, range));
  }

  private void fill(SharedRead read, FileRange range) {
    try {
      readExecutor.execute(
          () -> {
            try {
              read.fill(range);
            } catch (RuntimeException | Error e) {
              LOG.error("{} could not be read", range, e);
              read.fail(
                  new WeirException(
                      ErrorCode.INTERNAL, "reading " + range + " failed unexpectedly"));
            }
          });
    } catch (RejectedExecutionException e) {
      budget.release(range.length());
      range.release();
      read.fail(new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
    }
  }
}
