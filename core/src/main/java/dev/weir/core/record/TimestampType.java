package dev.weir.core.record;

/** Whose clock a batch's timestamps come from. */
public enum TimestampType {
  /** The producer's clock, record by record. */
  CREATE_TIME,
  /** The broker's clock at append: every record of the batch has the batch's largest timestamp. */
  LOG_APPEND_TIME
}
