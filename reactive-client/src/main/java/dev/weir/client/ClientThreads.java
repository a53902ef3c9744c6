package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.loop.ThreadLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The threads of one client, and the only place that makes any. Producers and subscriptions take
 * turns on {@code weir-client-n}, which also call subscribers back; {@code weir-client-feed-n}
 * calls the request methods of publishers, so that a source that blocks there delays no
 * acknowledgement; {@code weir-client-timer-n} keeps the time of single requests.
 */
final class ClientThreads {
  private static final Logger log = LoggerFactory.getLogger(ClientThreads.class);
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final int MAX_LOOPS = 4;

  private final ThreadLoop timer = start("weir-client-timer-");
  private final ThreadLoop feed = start("weir-client-feed-");
  private final List<ThreadLoop> loops = new ArrayList<>(); // guarded by this
  private int turn; // guarded by this
  private boolean closed; // guarded by this

  /**
   * A loop for one more producer or subscription.
   *
   * @throws WeirException CLOSED
   */
  synchronized ThreadLoop next() {
    if (closed) {
      throw new WeirException(ErrorCode.CLOSED, "the client is closed");
    }
    if (loops.size() < MAX_LOOPS) {
      ThreadLoop loop = start("weir-client-");
      loops.add(loop);
      return loop;
    }
    return loops.get(turn++ % MAX_LOOPS);
  }

  /** Where publishers are asked for more. */
  ThreadLoop feed() {
    return feed;
  }

  /** Completes after the delay, on {@code weir-client-timer-n}. */
  Mono<Long> delay(Duration delay) {
    return Mono.create(
        sink ->
            post(
                timer,
                () -> {
                  PartitionLoop.Timer alarm = timer.schedule(delay, () -> sink.success(0L));
                  sink.onDispose(() -> post(timer, alarm::cancel));
                }));
  }

  /** Runs the task in the loop, or not at all when the client has been closed meanwhile. */
  static void post(PartitionLoop loop, Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("dropped after close: {}", loop);
    }
  }

  /** Ends the threads after what is queued; does not wait. */
  synchronized void close() {
    closed = true;
    loops.forEach(ClientThreads::stop);
    stop(feed);
    stop(timer);
  }

  private static ThreadLoop start(String prefix) {
    String name = prefix + NUMBERS.incrementAndGet();
    return new ThreadLoop(name, failure -> log.error("{}: a task failed", name, failure));
  }

  private static void stop(ThreadLoop loop) {
    // From inside the loop, so that nobody has to wait for the thread.
    post(loop, loop::close);
  }
}
