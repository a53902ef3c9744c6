package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.rsocket.frame.FrameHeaderCodec;
import io.rsocket.frame.FrameType;

/**
 * A frame that waits to be written.
 *
 * @param lane frames of one lane keep their order: its stream, or {@link #FIRE_AND_FORGET}
 * @param cost what it counts in the ledger: its bytes and what keeping them takes
 * @param memory of that, what is in this process's memory: not the range of a file
 */
record QueuedFrame(int streamId, int lane, ByteBuf bytes, int cost, int memory) {
  /** Each has a stream of its own, yet what is sent first has to arrive first. */
  static final int FIRE_AND_FORGET = -1;

  /** What a queued frame takes in memory besides its bytes: headers, buffers and queue entries. */
  private static final int OVERHEAD = 512;

  static QueuedFrame of(int streamId, ByteBuf bytes) {
    int cost = bytes.readableBytes() + OVERHEAD;
    int range = rangeBytes(bytes);
    boolean fireAndForget =
        range == 0
            && bytes.readableBytes() >= FrameHeaderCodec.size()
            && FrameHeaderCodec.frameType(bytes) == FrameType.REQUEST_FNF;
    int lane = fireAndForget ? FIRE_AND_FORGET : streamId;
    return new QueuedFrame(streamId, lane, bytes, cost, cost - range);
  }

  private static int rangeBytes(ByteBuf frame) {
    ByteBuf last = frame;
    if (frame instanceof CompositeByteBuf parts && parts.numComponents() > 0) {
      last = parts.internalComponent(parts.numComponents() - 1);
    }
    return last instanceof RangeByteBuf ? last.readableBytes() : 0;
  }
}
