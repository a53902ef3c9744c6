package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import io.rsocket.frame.FrameType;
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

  /** Frames below are copied where a slice would hold more than twice their size. */
  private static final int COPIED_BYTES = 128 * 1024;

  /** Of the frame's type, behind its stream's number. */
  private static final int TYPE_OFFSET = 4;

  private static final int TYPE_SHIFT = 2;

  private final Consumer<String> onRefused;
  private PartialFrames memory;
  private PartialFrames.@Nullable Share share;
  private @Nullable EventExecutor loop;
  private int maxFrame;
  private int lengthBytesSeen;
  private int length;
  private @Nullable ByteBuf partial;
  private boolean failed;

  /**
   * @param maxFirstFrame limit in bytes until {@link #allowFrames} is called
   * @param memory what frames that have not ended may hold
   * @param onRefused told once why; nothing is delivered any more
   */
  FrameAssembler(int maxFirstFrame, PartialFrames memory, Consumer<String> onRefused) {
    this.maxFrame = maxFirstFrame;
    this.memory = memory;
    this.onRefused = onRefused;
  }

  /** Sets the limits for the frames to come. Between two frames. */
  void allowFrames(int maxFrameBytes, PartialFrames moreMemory) {
    this.maxFrame = maxFrameBytes;
    this.memory = moreMemory;
    this.share = null;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    loop = ctx.executor();
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
      refuse("a frame of " + length + " bytes came, the limit is " + maxFrame);
    } else if (length <= in.readableBytes()) {
      deliver(ctx, mayBeKept(in) ? copy(ctx, in) : in.readRetainedSlice(length));
    } else if (mayHold(Math.min(length, FIRST_CAPACITY))) {
      partial = ctx.alloc().directBuffer(Math.min(length, FIRST_CAPACITY), length);
    }
  }

  /**
   * A request or a payload may be kept until its partition has it, and with it all of the buffer
   * that a slice belongs to.
   */
  private boolean mayBeKept(ByteBuf in) {
    if (length >= COPIED_BYTES || length <= TYPE_OFFSET || in.capacity() <= 2 * length) {
      return false;
    }
    int type = (in.getByte(in.readerIndex() + TYPE_OFFSET) & 0xff) >> TYPE_SHIFT;
    return type == FrameType.REQUEST_RESPONSE.getEncodedType()
        || type == FrameType.REQUEST_FNF.getEncodedType()
        || type == FrameType.REQUEST_CHANNEL.getEncodedType()
        || type == FrameType.PAYLOAD.getEncodedType();
  }

  private ByteBuf copy(ChannelHandlerContext ctx, ByteBuf in) {
    return ctx.alloc().directBuffer(length, length).writeBytes(in, length);
  }

  private boolean mayHold(int capacity) {
    if (share == null) {
      share = memory.share(this::onEvicted);
    }
    if (share.tryHold(capacity)) {
      return true;
    }
    refuse(
        "there is no memory for a frame of "
            + length
            + " bytes beside those of others that have not ended; try again");
    return false;
  }

  /** On any thread; the frame may have ended meanwhile. */
  private void onEvicted() {
    if (loop != null) {
      loop.execute(
          () -> {
            if (share != null && share.isEvicted() && partial != null) {
              int bytes = length;
              dropPartial();
              refuse("a frame of " + bytes + " bytes does not end and its memory is needed");
            }
          });
    }
  }

  private void release() {
    if (share != null) {
      share.release();
    }
  }

  private void refuse(String reason) {
    failed = true;
    onRefused.accept(reason);
  }

  private void fill(ChannelHandlerContext ctx, ByteBuf frame, ByteBuf in) {
    int missing = length - frame.writerIndex();
    int count = Math.min(missing, in.readableBytes());
    if (frame.writableBytes() < count && !grow(frame, count)) {
      return;
    }
    frame.writeBytes(in, count);
    if (count == missing) {
      partial = null;
      release();
      deliver(ctx, frame);
    }
  }

  private boolean grow(ByteBuf frame, int count) {
    int grown = (int) Math.min(length, (long) frame.capacity() * GROWTH);
    int capacity = Math.max(grown, frame.writerIndex() + count);
    // Both buffers are there while one is copied into the other.
    if (!mayHold(frame.capacity() + capacity)) {
      return false;
    }
    frame.capacity(capacity);
    return mayHold(capacity);
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
      release();
    }
  }
}
