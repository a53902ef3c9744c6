package dev.weir.storage;

/**
 * What a cleaning did.
 *
 * @param cleanedTo below this offset every key has one record
 * @param bytesRead from the log, for the table of keys and for copying
 * @param bytesWritten of batches, in new segments
 * @param bytesBefore size of the segments that were looked through, the clean ones among them
 * @param bytesKept what is left of them
 */
public record CleaningReport(
    long cleanedTo, long bytesRead, long bytesWritten, long bytesBefore, long bytesKept) {}
