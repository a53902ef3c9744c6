package dev.weir.replication;

import java.util.concurrent.atomic.AtomicBoolean;

/** Hears once what became of one batch. */
@FunctionalInterface
public interface AckListener {
  /**
   * Called in the partition's loop, perhaps before {@code append} returns; must not block or throw.
   */
  void onAcknowledged(ProduceOutcome outcome);

  /** This listener for somebody who may tell twice: only the first outcome is passed on. */
  default AckListener once() {
    AtomicBoolean told = new AtomicBoolean();
    return outcome -> {
      if (!told.getAndSet(true)) {
        onAcknowledged(outcome);
      }
    };
  }
}
