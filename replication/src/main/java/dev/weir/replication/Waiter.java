package dev.weir.replication;

/** A wake-up that was asked for. */
public interface Waiter {
  /**
   * Prevents the wake-up if it has not come yet. In the partition's loop only; may be called again.
   */
  void cancel();
}
