package dev.weir.broker;

/**
 * Bounds that protect the broker from its callers.
 *
 * @param connectionInboundBytes batches of one connection that may wait for their partitions. Too
 *     small: one producer cannot fill the disk; too large: memory per connection
 * @param inboundBytes the same for all connections together
 * @param queuedBytes bytes that may wait for all sockets together; more is not asked for
 * @param queuedMemoryBytes memory of that; above it the connection that holds most is closed
 * @param frameBytes largest frame accepted or sent
 * @param partialBytes memory of frames that have begun to come and not ended, of all connections
 * @param subscribeBytes pieces of partitions that all record-level subscriptions together hold in
 *     memory. Too small: subscribers of old records wait for each other
 * @param partitions partitions this broker hosts at most
 * @param openFiles log files that are kept open ({@code files.open.max}). Too few: files are opened
 *     again and again; too many: none are left for sockets
 * @param streamCredits answers after which a fetch or subscription is renewed; RSocket stalls a
 *     stream beyond 2^31 - 1
 */
public record LimitSettings(
    long connectionInboundBytes,
    long inboundBytes,
    long queuedBytes,
    long queuedMemoryBytes,
    int frameBytes,
    long partialBytes,
    long subscribeBytes,
    int partitions,
    int openFiles,
    long streamCredits) {
  /** Frames that control routes need fit. */
  static final int SMALLEST_FRAME = 128 << 10;

  /** What three bytes of length can say. */
  static final int LARGEST_FRAME = (1 << 24) - 1;

  public LimitSettings {
    Settings.require(
        connectionInboundBytes >= 1 << 20,
        "connection.inbound.bytes",
        connectionInboundBytes,
        "at least 1 MiB");
    Settings.require(inboundBytes >= 1 << 20, "inbound.bytes", inboundBytes, "at least 1 MiB");
    Settings.require(queuedBytes >= 1 << 20, "queued.bytes", queuedBytes, "at least 1 MiB");
    Settings.require(
        queuedMemoryBytes >= 1 << 20, "queued.memory.bytes", queuedMemoryBytes, "at least 1 MiB");
    Settings.require(
        frameBytes >= SMALLEST_FRAME && frameBytes <= LARGEST_FRAME,
        "frame.bytes.max",
        frameBytes,
        "131072 to 16777215");
    Settings.require(partialBytes >= 1 << 20, "partial.bytes", partialBytes, "at least 1 MiB");
    Settings.require(
        subscribeBytes >= 1 << 20, "subscribe.bytes", subscribeBytes, "at least 1 MiB");
    Settings.require(partitions >= 1, "partitions.max", partitions, "at least 1");
    Settings.require(openFiles >= 16, "files.open.max", openFiles, "at least 16");
    Settings.require(
        streamCredits >= 1 && streamCredits <= 1L << 30,
        "stream.credits.max",
        streamCredits,
        "1 to 2^30");
  }
}
