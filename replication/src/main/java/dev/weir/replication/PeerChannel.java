package dev.weir.replication;

import java.nio.ByteBuffer;

/**
 * The way to the leader of a partition, as a follower sees it: what it pulls arrives in the
 * partition's loop. Whoever opens a channel closes it; a broken channel tells its listener once and
 * is then silent.
 */
public interface PeerChannel extends AutoCloseable {
  /** Tells the leader how far this replica has got; also grants it one more frame. Never blocks. */
  void report(long logEndOffset, long flushedOffset);

  @Override
  void close();

  /** What a leader sends. All methods are called in the partition's loop. */
  interface Listener {
    /**
     * Whole batches that follow this replica's log end, perhaps none, and the leader's high
     * watermark.
     *
     * @param batches valid until the method returns
     */
    void onBatches(ByteBuffer batches, int leaderEpoch, long highWatermark);

    void onBroken(Throwable cause);
  }
}
