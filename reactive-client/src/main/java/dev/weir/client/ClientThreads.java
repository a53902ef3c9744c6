package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.loop.ThreadLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The threads of one client, and the only place that makes any. Producers and subscriptions take
 * turns on {@code weir-client-n}, which also call subscribers back; {@code weir-client-feed-n}
 * calls the request methods of publishers, so that a source that blocks there delays no
 * acknowledgement; {@code weir-client-timer-n} keeps the time of single requests and the
 * memberships in groups.
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
  private final Map<Runnable, ThreadLoop> endings = new HashMap<>(); // guarded by this
  private final Set<MonoSink<Long>> delays = new HashSet<>(); // of the timer loop

  /**
   * A loop for one more producer or subscription.
   *
   * @throws WeirException CLOSED
   */
  synchronized ThreadLoop next() {
    if (closed) {
      throw clientClosed();
    }
    if (loops.size() < MAX_LOOPS) {
      ThreadLoop loop = start("weir-client-");
      loops.add(loop);
      return loop;
    }
    return loops.get(turn++ % MAX_LOOPS);
  }

  /** Where time is kept; what runs there calls no application. */
  ThreadLoop timer() {
    return timer;
  }

  /** Where publishers are asked for more. */
  ThreadLoop feed() {
    return feed;
  }

  /** Completes after the delay, on {@code weir-client-timer-n}; CLOSED once the client is. */
  Mono<Long> delay(Duration delay) {
    return Mono.create(
        sink -> {
          if (!postUnlessClosed(timer, () -> startDelay(delay, sink))) {
            sink.error(clientClosed());
          }
        });
  }

  private void startDelay(Duration delay, MonoSink<Long> sink) {
    delays.add(sink);
    PartitionLoop.Timer alarm = timer.schedule(delay, () -> sink.success(0L));
    sink.onDispose(
        () ->
            post(
                timer,
                () -> {
                  delays.remove(sink);
                  alarm.cancel();
                }));
  }

  /**
   * Has the task run in the loop before it stops, unless {@link #forget} takes it back.
   *
   * @return false when it is too late: the loop stops already
   */
  synchronized boolean beforeStop(ThreadLoop loop, Runnable task) {
    if (!closed) {
      endings.put(task, loop);
    }
    return !closed;
  }

  synchronized void forget(Runnable beforeStop) {
    endings.remove(beforeStop);
  }

  /**
   * Runs the task in the loop, or not at all when the client has been closed meanwhile.
   *
   * @return false when it will not run
   */
  static boolean post(PartitionLoop loop, Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      log.debug("dropped after close: {}", loop);
      return false;
    }
  }

  /** Under the lock, so that the task is in the queue before that which stops the loop. */
  private synchronized boolean postUnlessClosed(ThreadLoop loop, Runnable task) {
    return !closed && post(loop, task);
  }

  /** Ends the threads after what is queued; does not wait. */
  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    endings.forEach((task, loop) -> post(loop, task));
    endings.clear();
    loops.forEach(ClientThreads::stop);
    stop(feed);
    post(timer, () -> List.copyOf(delays).forEach(sink -> sink.error(clientClosed())));
    stop(timer);
  }

  /** The error for what comes after the end. */
  static WeirException clientClosed() {
    return new WeirException(ErrorCode.CLOSED, "the client is closed");
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
