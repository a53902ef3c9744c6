package dev.weir.broker;

import dev.weir.core.loop.ThreadLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every thread of the broker that is not Netty's or the metadata store's. Their queues are rationed
 * at the source: one flush in flight per log, one read per session, one recovery per partition, one
 * cleaning per thread.
 */
final class BrokerThreads {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerThreads.class);
  private static final long IDLE_SECONDS = 30;
  private static final long STOP_SECONDS = 10;

  private final List<ThreadLoop> partitionLoops = new ArrayList<>();
  private final ExecutorService flush;
  private final ExecutorService read;
  private final ExecutorService recovery;
  private final ExecutorService clean;

  BrokerThreads(ThreadSettings settings, int cleaners) {
    for (int i = 0; i < settings.partition(); i++) {
      partitionLoops.add(new ThreadLoop("weir-partition-" + i, BrokerThreads::logUncaught));
    }
    flush = pool("weir-flush-", settings.flush());
    read = pool("weir-read-", settings.read());
    recovery = pool("weir-recovery-", settings.recovery());
    clean = pool("weir-clean-", cleaners);
  }

  List<ThreadLoop> partitionLoops() {
    return partitionLoops;
  }

  ExecutorService flush() {
    return flush;
  }

  ExecutorService read() {
    return read;
  }

  ExecutorService recovery() {
    return recovery;
  }

  ExecutorService clean() {
    return clean;
  }

  /** Lets running tasks finish, each kind for a while; never interrupts: that would close files. */
  void stop() {
    for (ExecutorService pool : List.of(recovery, clean, read, flush)) {
      pool.shutdown();
    }
    try {
      for (ExecutorService pool : List.of(recovery, clean, read, flush)) {
        if (!pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
          LOG.warn("a disk thread is still busy after {} s", STOP_SECONDS);
        }
      }
      for (ThreadLoop loop : partitionLoops) {
        loop.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Threads start when there is work and end when there has been none for a while. */
  private static ExecutorService pool(String prefix, int threads) {
    AtomicInteger next = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, prefix + next.getAndIncrement()));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Runs a part of the start beside the others, on a thread of its own. */
  static void start(Runnable part) {
    daemon(part, "weir-start").start();
  }

  static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private static void logUncaught(Throwable failure) {
    LOG.error("a task of a partition loop failed", failure);
  }
}
