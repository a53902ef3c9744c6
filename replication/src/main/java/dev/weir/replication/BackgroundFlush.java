package dev.weir.replication;

import dev.weir.core.loop.PartitionLoop;
import dev.weir.storage.PartitionLog;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a log of durability=replicated is flushed: after some time, some bytes or some
 * records. In the partition's loop only.
 */
final class BackgroundFlush {
  private final PartitionLoop loop;
  private final PartitionLog log;
  private ReplicaSettings settings;
  private long unflushedBytes;
  private long unflushedRecords;
  private PartitionLoop.@Nullable Timer timer;

  BackgroundFlush(PartitionLoop loop, PartitionLog log, ReplicaSettings settings) {
    this.loop = loop;
    this.log = log;
    this.settings = settings;
  }

  /** The caller asks for a flush: the time until the next one starts with the next batch. */
  void reconfigure(ReplicaSettings changed) {
    stop();
    settings = changed;
  }

  void onAppended(int bytes, long records) {
    unflushedBytes += bytes;
    unflushedRecords += records;
    if (unflushedBytes >= settings.flushBytes() || unflushedRecords >= settings.flushMessages()) {
      flush();
    } else if (timer == null) {
      timer = loop.schedule(settings.flushInterval(), this::flush);
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void flush() {
    stop();
    unflushedBytes = 0;
    unflushedRecords = 0;
    log.requestFlush();
  }
}
