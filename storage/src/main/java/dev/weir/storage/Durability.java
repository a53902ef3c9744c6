package dev.weir.storage;

/** When a replica's copy of a batch counts (topic setting {@code durability}). */
public enum Durability {
  /**
   * When it is on stable storage. A power cut of any number of brokers loses nothing acknowledged.
   */
  FSYNC,
  /**
   * When it is in the page cache; flushed in the background. A power cut of all in-sync replicas at
   * once loses what was not flushed yet.
   */
  REPLICATED
}
