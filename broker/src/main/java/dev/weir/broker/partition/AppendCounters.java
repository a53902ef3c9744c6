package dev.weir.broker.partition;

import dev.weir.broker.route.Throttle;
import dev.weir.core.error.ErrorCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What was appended by this broker; sums that only rise. Any thread. */
public final class AppendCounters {
  private final LongAdder batches = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder lostUnacknowledged = new LongAdder();
  private final Map<Throttle, LongAdder> throttled = new EnumMap<>(Throttle.class);

  public AppendCounters() {
    for (Throttle cause : Throttle.values()) {
      throttled.put(cause, new LongAdder());
    }
  }

  void onBatch(int batchBytes) {
    batches.increment();
    bytes.add(batchBytes);
  }

  public void onAcknowledged() {
    acknowledged.increment();
  }

  /** A batch or record that its producer was told has failed. */
  public void onRefused(ErrorCode code) {
    refused.increment();
  }

  /** A batch or record that was sent as fire-and-forget and is not stored. */
  public void onLost() {
    lostUnacknowledged.increment();
  }

  /** A result was given to a producer that was held back so, or not at all. */
  public void onThrottle(Throttle cause) {
    Objects.requireNonNull(throttled.get(cause)).increment();
  }

  public long throttled(Throttle cause) {
    return Objects.requireNonNull(throttled.get(cause)).sum();
  }

  public long batches() {
    return batches.sum();
  }

  public long bytes() {
    return bytes.sum();
  }

  public long acknowledged() {
    return acknowledged.sum();
  }

  public long refused() {
    return refused.sum();
  }

  public long lostUnacknowledged() {
    return lostUnacknowledged.sum();
  }
}
