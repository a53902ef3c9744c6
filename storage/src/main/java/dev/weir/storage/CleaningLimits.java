package dev.weir.storage;

/**
 * What one cleaning of a log may use.
 *
 * @param keyTableBytes the most memory for the table of keys and what was aborted ({@code
 *     log.cleaner.dedupe.buffer.size}). Small: a log with many keys is cleaned in several rounds,
 *     each of which reads what is clean again
 * @param pace how fast it reads and writes; shared by cleanings that run at once
 */
public record CleaningLimits(long keyTableBytes, IoPace pace) {}
