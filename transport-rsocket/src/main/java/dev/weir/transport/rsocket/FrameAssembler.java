package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a TCP connection into RSocket frames: 3 bytes of length, then the frame. A
 * frame that lies in one read is a slice of it; a larger one is copied once into a buffer of its
 * own, which grows with what has really come, so that a length alone costs nothing. On the
 * channel's event loop.
 */
final class FrameAssembler extends ChannelInboundHandlerAdapter {
  private static final int LENGTH_BYTES = 3;
  private static final int FIRST_CAPACITY = 128 * 1024;
  private static final int GROWTH = 16;

  private final Consumer<String> onTooLarge;
  private int maxFrame;
  private int lengthBytesSeen;
  private int length;
  private @Nullable ByteBuf partial;
  private boolean failed;

  /**
   * @param maxFirstFrame limit in bytes until {@link #allowFrames} is called
   * @param onTooLarge told once what came; nothing is delivered any more
   */
  FrameAssembler(int maxFirstFrame, Consumer<String> onTooLarge) {
    this.maxFrame = maxFirstFrame;
    this.onTooLarge = onTooLarge;
  }

  /** Sets the limit for the frames to come. */
  void allowFrames(int maxFrameBytes) {
    this.maxFrame = maxFrameBytes;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf in)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      while (in.isReadable() && !failed) {
        if (partial != null) {
          fill(ctx, partial, in);
        } else if (readLength(in)) {
          begin(ctx, in);
        }
      }
    } finally {
      in.release();
    }
  }

  /** Returns whether the length is complete. */
  private boolean readLength(ByteBuf in) {
    while (lengthBytesSeen < LENGTH_BYTES && in.isReadable()) {
      length = (length << 8) | in.readUnsignedByte();
      lengthBytesSeen++;
    }
    return lengthBytesSeen == LENGTH_BYTES;
  }

  private void begin(ChannelHandlerContext ctx, ByteBuf in) {
    if (length > maxFrame) {
      failed = true;
      onTooLarge.accept("a frame of " + length + " bytes came, the limit is " + maxFrame);
    } else if (length <= in.readableBytes()) {
      deliver(ctx, in.readRetainedSlice(length));
    } else {
      partial = ctx.alloc().directBuffer(Math.min(length, FIRST_CAPACITY), length);
    }
  }

  private void fill(ChannelHandlerContext ctx, ByteBuf frame, ByteBuf in) {
    int missing = length - frame.writerIndex();
    int count = Math.min(missing, in.readableBytes());
    if (frame.writableBytes() < count) {
      int grown = (int) Math.min(length, (long) frame.capacity() * GROWTH);
      frame.capacity(Math.max(grown, frame.writerIndex() + count));
    }
    frame.writeBytes(in, count);
    if (count == missing) {
      partial = null;
      deliver(ctx, frame);
    }
  }

  private void deliver(ChannelHandlerContext ctx, ByteBuf frame) {
    lengthBytesSeen = 0;
    length = 0;
    ctx.fireChannelRead(frame);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    dropPartial();
    super.channelInactive(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    dropPartial();
  }

  private void dropPartial() {
    failed = true;
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }
}
