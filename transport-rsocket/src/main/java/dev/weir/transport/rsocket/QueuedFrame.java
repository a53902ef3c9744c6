package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;

/** A frame that waits to be written, and what it counts in the ledger. */
record QueuedFrame(int streamId, ByteBuf bytes, int cost) {
  /** What a queued frame takes in memory besides its bytes: headers, buffers and queue entries. */
  private static final int OVERHEAD = 512;

  static QueuedFrame of(int streamId, ByteBuf bytes) {
    return new QueuedFrame(streamId, bytes, bytes.readableBytes() + OVERHEAD);
  }
}
