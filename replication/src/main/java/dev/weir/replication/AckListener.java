package dev.weir.replication;

/** Hears once what became of one batch. */
@FunctionalInterface
public interface AckListener {
  /**
   * Called in the partition's loop, perhaps before {@code append} returns; must not block or throw.
   */
  void onAcknowledged(ProduceOutcome outcome);
}
