package dev.weir.client;

import dev.weir.core.error.WeirException;

/** What became of {@link WeirAdmin#deleteRecords} in one partition. */
public sealed interface RecordDeletion {
  /**
   * The records are gone.
   *
   * @param logStartOffset first readable offset now; higher than asked for if it was before
   */
  record Deleted(long logStartOffset) implements RecordDeletion {}

  /** Nothing is known to be gone, for this reason. */
  record Refused(WeirException reason) implements RecordDeletion {}
}
