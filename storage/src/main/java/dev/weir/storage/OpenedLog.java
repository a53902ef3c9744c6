package dev.weir.storage;

/** A log that was opened, and how it was found. */
public record OpenedLog(PartitionLog log, RecoveryReport report) {}
