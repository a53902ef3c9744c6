package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Reads ranges away from the event loops: cold ones so that their pages are in the cache when they
 * are sent, and those that cannot be sent as files into memory. Blocking work runs on the executor
 * it was given.
 */
final class RangeReads {
  private static final int WARM_BUFFER_BYTES = 256 * 1024;

  /** One per reading thread, reused: warming must not need memory of the range's size. */
  private static final ThreadLocal<ByteBuffer> WARM_BUFFER =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(WARM_BUFFER_BYTES));

  private final Executor executor;
  private final TransportCounters counters;
  private final QueueBudget budget;

  /**
   * @param budget counts copies until they are handed over
   */
  RangeReads(Executor executor, TransportCounters counters, QueueBudget budget) {
    this.executor = executor;
    this.counters = counters;
    this.budget = budget;
  }

  /** Told on the reading thread, exactly once. */
  interface Listener {
    /**
     * The read has ended.
     *
     * @param bytes the range's bytes to be released by the listener, or null when it was only
     *     warmed
     * @param error why it failed, or null
     */
    void onRead(@Nullable ByteBuf bytes, @Nullable Throwable error);
  }

  /** Reads every byte and drops it. The range stays the caller's. */
  void warm(FileRange range, Listener listener) {
    counters.cold.increment();
    submit(
        () -> {
          ByteBuffer buffer = WARM_BUFFER.get();
          for (int at = 0; at < range.length(); at += WARM_BUFFER_BYTES) {
            buffer.clear().limit(Math.min(WARM_BUFFER_BYTES, range.length() - at));
            range.readFully(at, buffer);
          }
          return null;
        },
        listener);
  }

  /** Reads into a buffer. The range stays the caller's. */
  void copy(FileRange range, ByteBufAllocator allocator, Listener listener) {
    int length = range.length();
    AtomicBoolean counted = new AtomicBoolean();
    submit(
        () -> {
          counted.set(true);
          budget.add(0, length);
          ByteBuf copy = allocator.directBuffer(length, length);
          try {
            range.readFully(0, copy.internalNioBuffer(0, length));
            counters.copied.add(length);
            return copy.writerIndex(length);
          } catch (IOException | RuntimeException | Error e) {
            copy.release();
            throw e;
          }
        },
        (bytes, error) -> {
          try {
            listener.onRead(bytes, error);
          } finally {
            if (counted.get()) {
              budget.add(0, -length);
            }
          }
        });
  }

  private interface Read {
    @Nullable ByteBuf run() throws IOException;
  }

  private void submit(Read read, Listener listener) {
    try {
      executor.execute(() -> run(read, listener));
    } catch (RejectedExecutionException e) {
      listener.onRead(null, e);
    }
  }

  private static void run(Read read, Listener listener) {
    ByteBuf bytes;
    try {
      bytes = read.run();
    } catch (IOException | RuntimeException | Error e) {
      listener.onRead(null, e);
      return;
    }
    listener.onRead(bytes, null);
  }
}
