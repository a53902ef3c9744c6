package dev.weir.broker.partition;

import dev.weir.core.error.ErrorCode;
import java.util.concurrent.atomic.LongAdder;

/** What was appended by this broker; sums that only rise. Any thread. */
public final class AppendCounters {
  private final LongAdder batches = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder lostUnacknowledged = new LongAdder();

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
