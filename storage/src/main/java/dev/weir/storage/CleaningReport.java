package dev.weir.storage;

/**
 * What a cleaning did.
 *
 * @param cleanedTo below this offset every key has one record
 * @param bytesRead from the log, for the table of keys and for copying
 * @param bytesWritten of batches, in new segments
 */
public record CleaningReport(long cleanedTo, long bytesRead, long bytesWritten) {}
