package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;

/**
 * A frame that waits to be written.
 *
 * @param cost what it counts in the ledger: its bytes and what keeping them takes
 * @param memory of that, what is in this process's memory: not the range of a file
 */
record QueuedFrame(int streamId, ByteBuf bytes, int cost, int memory) {
  /** What a queued frame takes in memory besides its bytes: headers, buffers and queue entries. */
  private static final int OVERHEAD = 512;

  static QueuedFrame of(int streamId, ByteBuf bytes) {
    int cost = bytes.readableBytes() + OVERHEAD;
    return new QueuedFrame(streamId, bytes, cost, cost - rangeBytes(bytes));
  }

  private static int rangeBytes(ByteBuf frame) {
    ByteBuf last = frame;
    if (frame instanceof CompositeByteBuf parts && parts.numComponents() > 0) {
      last = parts.internalComponent(parts.numComponents() - 1);
    }
    return last instanceof RangeByteBuf ? last.readableBytes() : 0;
  }
}
