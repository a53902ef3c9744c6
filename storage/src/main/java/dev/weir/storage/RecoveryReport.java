package dev.weir.storage;

import dev.weir.core.topic.TopicPartition;
import java.time.Duration;

/**
 * What opening a log found and did.
 *
 * @param scannedBytes bytes of log whose checksums were verified
 * @param cutBytes bytes cut from the end
 * @param detail one sentence for the broker's log
 */
public record RecoveryReport(
    TopicPartition partition,
    RecoveryCase recoveryCase,
    long logEndOffset,
    long scannedBytes,
    long cutBytes,
    Duration took,
    String detail) {}
