package dev.weir.storage;

/** Who hands a batch to {@link PartitionLog#append}, and so what is asked of it. */
public enum AppendOrigin {
  /**
   * A producer. Every check applies. Of a transaction only what continues one that is open here: a
   * batch that would begin one is refused, because nothing says that somebody will end it.
   */
  CLIENT,
  /**
   * A producer of whom the transaction's coordinator has said that this partition belongs to the
   * producer's open transaction (KIP-890), so the batch may begin it here.
   */
  VERIFIED_CLIENT,
  /** A transaction coordinator, which ends a producer's transaction: a control batch. */
  COORDINATOR,
  /**
   * The partition's leader. Its batches have their offsets and epochs and are past every judgement:
   * they are checked against their CRC only. Offsets may leave gaps, where the leader has
   * compacted.
   */
  REPLICATION
}
