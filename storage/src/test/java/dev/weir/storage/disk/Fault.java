package dev.weir.storage.disk;

/** How a simulated operation fails. */
public enum Fault {
  /** An append writes half its bytes, then the disk is full; from then on until space is freed. */
  DISK_FULL,
  /** The operation reports an I/O error, once; an append has written half its bytes by then. */
  IO_ERROR
}
