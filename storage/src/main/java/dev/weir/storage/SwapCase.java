package dev.weir.storage;

/** How recovery finds the replacement of segments by a compacted one. */
enum SwapCase {
  /** None was under way. */
  NONE,
  /** New files were being written: they are deleted, the old segments are the log. */
  UNDECIDED,
  /** The new segment is the log: whatever is left of the old ones goes. */
  DECIDED
}
