package dev.weir.broker.hostile;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at a broker all the time, and so shows too that somebody always can. */
final class Gauges implements AutoCloseable {
  private static final int PERIOD_MILLIS = 100;

  private final SmallBroker broker;
  private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
  private Measurement most = Measurement.NONE;
  private @Nullable Throwable failure;

  Gauges(SmallBroker broker) {
    this.broker = broker;
    var unused =
        looking.scheduleWithFixedDelay(
            this::lookSafely, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void lookSafely() {
    try {
      look();
    } catch (Exception | AssertionError e) {
      synchronized (this) {
        failure = failure == null ? e : failure;
      }
    }
  }

  /** Looks now. */
  Measurement look() throws Exception {
    Measurement now = broker.measure();
    synchronized (this) {
      most = most.max(now);
    }
    return now;
  }

  /** Forgets what was seen. */
  synchronized void reset() {
    most = Measurement.NONE;
  }

  /** The most of each since the reset. */
  synchronized Measurement most() {
    if (failure != null) {
      throw new AssertionError("nobody could look at the meters", failure);
    }
    return most;
  }

  @Override
  public void close() {
    looking.shutdownNow();
  }
}
