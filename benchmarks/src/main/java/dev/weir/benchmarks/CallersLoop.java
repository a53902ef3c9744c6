package dev.weir.benchmarks;

import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.LogListener;
import dev.weir.storage.LogSettings;
import dev.weir.storage.OpenedLog;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.disk.ChannelLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.UUID;

/**
 * A loop that is the calling thread, for logs that are measured without other threads; it also does
 * the work of the flush threads. Tasks run when {@link #runAll} is called.
 */
final class CallersLoop implements PartitionLoop {
  /** More than any measurement opens. */
  static final int MOST_OPEN_FILES = 1000;

  private final Queue<Runnable> tasks = new ArrayDeque<>();

  /** Opens a log that lives here. */
  PartitionLog open(Path directory, LogSettings settings) throws IOException {
    OpenedLog opened =
        PartitionLog.open(
            new TopicPartition("measured", 0),
            directory,
            settings,
            new ChannelLogFiles(MOST_OPEN_FILES),
            Time.system());
    opened.log().attach(this, this, new FailingListener());
    return opened.log();
  }

  /** Flushes and closes a log. */
  void close(PartitionLog log) {
    var closed = log.close().toCompletableFuture();
    runAll();
    closed.join();
  }

  /** Deletes a log without bringing what it has in the page cache to the disk. */
  void delete(PartitionLog log) {
    var deleted = log.delete(new UUID(0, 0)).toCompletableFuture();
    runAll();
    deleted.join();
  }

  void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    throw new UnsupportedOperationException("logs set no timers");
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  /** A log that goes offline ends the measurement. */
  private static final class FailingListener implements LogListener {
    @Override
    public void onFlushed(long flushedOffset) {}

    @Override
    public void onOffline(Throwable cause) {
      throw new IllegalStateException("the log went offline", cause);
    }
  }
}
