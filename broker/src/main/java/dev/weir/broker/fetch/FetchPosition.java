package dev.weir.broker.fetch;

import dev.weir.replication.Isolation;

/**
 * What a reader asked for.
 *
 * @param offset first offset wanted
 * @param leaderEpoch the epoch it believes in; −1: any
 * @param maxFrameBytes a frame is larger only when its first batch is
 */
record FetchPosition(long offset, int leaderEpoch, Isolation isolation, int maxFrameBytes) {}
