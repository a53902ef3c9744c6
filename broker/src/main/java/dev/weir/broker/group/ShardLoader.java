package dev.weir.broker.group;

import dev.weir.broker.group.format.RecordCodec;
import dev.weir.broker.group.state.GroupRecord;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import dev.weir.replication.Isolation;
import dev.weir.storage.DiskRead;
import dev.weir.storage.ReadOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Reads a partition of groups from its start to its end as it is now, piece by piece: the bytes on
 * a read thread, everything else in the partition's loop. Waits for the high watermark to cover
 * what was found in the log.
 */
final class ShardLoader {
  private static final int PIECE_BYTES = 256 << 10;

  /** Hears what the log says, in the partition's loop. */
  interface Listener {
    void onRecords(List<GroupRecord> records);

    /** The end is reached. */
    void onLoaded();

    void onFailed(WeirException reason);

    /** Whether anybody still wants to hear. */
    boolean isOver();
  }

  private final HostedPartition partition;
  private final Executor readExecutor;
  private final Listener listener;
  private long next;
  private long end;

  ShardLoader(HostedPartition partition, Executor readExecutor, Listener listener) {
    this.partition = partition;
    this.readExecutor = readExecutor;
    this.listener = listener;
  }

  /** In the loop. */
  void start() {
    next = partition.replica().logStartOffset();
    end = partition.replica().status().logEndOffset();
    step();
  }

  private void step() {
    if (listener.isOver()) {
      return;
    }
    if (next >= end) {
      listener.onLoaded();
      return;
    }
    ReadOutcome outcome = partition.replica().read(next, PIECE_BYTES, Isolation.READ_UNCOMMITTED);
    if (outcome instanceof ReadOutcome.UpToDate) {
      var unused = partition.replica().awaitBeyond(next, Isolation.READ_UNCOMMITTED, this::step);
    } else if (outcome instanceof ReadOutcome.NeedsDisk cold) {
      readCold(cold.read());
    } else {
      take(outcome);
    }
  }

  private void take(ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.Slice slice) {
      away(() -> decode(slice), slice.range()::release);
    } else if (outcome instanceof ReadOutcome.Unavailable unavailable) {
      listener.onFailed(partition.unreadable(unavailable));
    } else if (outcome instanceof ReadOutcome.OutOfRange range) {
      listener.onFailed(
          new WeirException(
              ErrorCode.STORAGE_OFFLINE,
              "%s ends at %d, and offset %d was expected in it"
                  .formatted(partition, range.logEndOffset(), next)));
    } else {
      step();
    }
  }

  private void readCold(DiskRead read) {
    away(
        () -> {
          ReadOutcome outcome = read.run();
          back(() -> take(outcome));
        },
        read::abandon);
  }

  /** On a read thread; what it throws fails the loading. */
  private void away(Runnable task, Runnable abandon) {
    try {
      readExecutor.execute(
          () -> {
            try {
              task.run();
            } catch (WeirException e) {
              back(() -> listener.onFailed(e));
            } catch (RuntimeException | Error e) {
              back(
                  () ->
                      listener.onFailed(
                          new WeirException(
                              ErrorCode.INTERNAL,
                              "loading the groups of " + partition + " failed unexpectedly",
                              e)));
            }
          });
    } catch (RejectedExecutionException e) {
      abandon.run();
      listener.onFailed(new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
    }
  }

  private void back(Runnable task) {
    try {
      partition.execute(task);
    } catch (WeirException shuttingDown) {
      // nobody is there to hear of it
    }
  }

  private void decode(ReadOutcome.Slice slice) {
    List<GroupRecord> records = new ArrayList<>();
    read(bytes(slice.range()), next, records::add);
    back(
        () -> {
          if (!listener.isOver()) {
            listener.onRecords(records);
            next = slice.nextOffset();
            step();
          }
        });
  }

  private static ByteBuffer bytes(FileRange range) {
    try {
      ByteBuffer bytes = ByteBuffer.allocate(range.length());
      range.readFully(0, bytes);
      return bytes.flip();
    } catch (IOException e) {
      throw new WeirException(
          ErrorCode.STORAGE_OFFLINE, "%s cannot be read: %s".formatted(range, e.getMessage()), e);
    } finally {
      range.release();
    }
  }

  private static void read(ByteBuffer batches, long fromOffset, Consumer<GroupRecord> found) {
    int position = 0;
    while (position < batches.limit()) {
      RecordBatch batch = RecordBatch.at(batches, position);
      position += batch.sizeInBytes();
      if (!batch.isControl()) {
        try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
          while (records.next()) {
            GroupRecord record =
                records.offset() < fromOffset
                    ? null
                    : RecordCodec.read(records.key(), records.value());
            if (record != null) {
              found.accept(record);
            }
          }
        }
      }
    }
  }
}
