package dev.weir.client;

/** Who waits for commits of one partition. In the subscription's loop. */
interface CommitWatcher {
  /** This offset is committed, durably. */
  void onCommitted(long offset);
}
