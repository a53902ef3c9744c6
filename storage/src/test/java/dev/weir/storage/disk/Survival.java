package dev.weir.storage.disk;

/** What a power cut leaves of the operations that no fsync has covered. */
public enum Survival {
  /** Nothing. */
  NONE,
  /** All of them. */
  ALL,
  /** Those up to some moment. */
  PREFIX,
  /** Any of them, files and directories independently of their order. */
  SUBSET,
  /** Those up to some moment, and of the write at that moment any 512-byte sectors. */
  TORN,
  /** Any of them, and of each write any 512-byte sectors: the disk kept no order at all. */
  SHREDDED
}
