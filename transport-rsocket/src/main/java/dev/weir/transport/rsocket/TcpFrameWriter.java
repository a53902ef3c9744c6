package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * RSocket over TCP: each frame behind its length in 3 bytes. Small frames are gathered in one
 * buffer; the large last part of a frame is written as it is, file ranges as file regions.
 */
final class TcpFrameWriter implements FrameWriter {
  private static final int LENGTH_BYTES = 3;

  /** Copying less than this is cheaper than another entry in the socket's write. */
  private static final int GATHER_BYTES = 4 * 1024;

  /** A gather buffer starts with what a frame is charged at least, so one frame holds no more. */
  private static final int FIRST_GATHER_BYTES = 512;

  private static final int MAX_GATHER_BYTES = 32 * 1024;

  private final Channel channel;
  private final TransportCounters counters;
  private @Nullable ByteBuf gathered;
  private int gatheredCost;
  private int gatheredMemory;

  TcpFrameWriter(Channel channel, TransportCounters counters) {
    this.channel = channel;
    this.counters = counters;
  }

  @Override
  public void write(QueuedFrame queued, Outcome outcome) {
    ByteBuf frame = queued.bytes();
    int length = frame.readableBytes();
    ByteBuf tail = largeTail(frame);
    int headLength = tail == null ? length : length - tail.readableBytes();
    ByteBuf head = gatherBuffer(LENGTH_BYTES + headLength, outcome);
    head.writeMedium(length);
    // The other way round, writeBytes, would first merge the parts of the frame in a new array.
    frame.getBytes(frame.readerIndex(), head, headLength);
    if (tail == null) {
      gatheredCost += queued.cost();
      gatheredMemory += queued.memory();
      frame.release();
      return;
    }
    RangeFileRegion region = tail instanceof RangeByteBuf range ? region(range) : null;
    writeGathered(outcome);
    // The frame may be all that holds the tail. From here on the channel owns it.
    tail.retain();
    frame.release();
    if (tail instanceof RangeByteBuf range && region != null) {
      ChannelFuture written = channel.write(region);
      written.addListener(done -> countZeroCopy(done.isSuccess(), range));
      notify(written, queued.cost(), queued.memory(), outcome);
    } else {
      notify(channel.write(tail), queued.cost(), queued.memory(), outcome);
    }
  }

  private void countZeroCopy(boolean written, RangeByteBuf range) {
    if (written) {
      counters.zeroCopy.add(range.readableBytes());
    }
  }

  private static RangeFileRegion region(RangeByteBuf buffer) {
    FileRange range = buffer.range();
    FileChannel file = Objects.requireNonNull(range.channel(), "a range without a file came here");
    return new RangeFileRegion(buffer, file);
  }

  private static @Nullable ByteBuf largeTail(ByteBuf frame) {
    ByteBuf tail = frame;
    if (frame instanceof CompositeByteBuf composite && composite.numComponents() > 0) {
      tail = composite.internalComponent(composite.numComponents() - 1);
    }
    return tail instanceof RangeByteBuf || tail.readableBytes() > GATHER_BYTES ? tail : null;
  }

  /** Grows by doubling: what waits for the socket holds about as much memory as it is charged. */
  private ByteBuf gatherBuffer(int bytes, Outcome outcome) {
    ByteBuf current = gathered;
    if (current != null && current.maxWritableBytes() < bytes) {
      writeGathered(outcome);
      current = null;
    }
    if (current == null) {
      current =
          channel
              .alloc()
              .directBuffer(Math.max(bytes, FIRST_GATHER_BYTES), Math.max(bytes, MAX_GATHER_BYTES));
      gathered = current;
    }
    return current.ensureWritable(bytes);
  }

  private void writeGathered(Outcome outcome) {
    ByteBuf current = gathered;
    if (current != null) {
      int cost = gatheredCost;
      int memory = gatheredMemory;
      forgetGathered();
      notify(channel.write(current), cost, memory, outcome);
    }
  }

  private void forgetGathered() {
    gathered = null;
    gatheredCost = 0;
    gatheredMemory = 0;
  }

  private static void notify(ChannelFuture written, int cost, int memory, Outcome outcome) {
    written.addListener(
        done -> {
          if (done.isSuccess()) {
            outcome.onWritten(cost, memory);
          } else {
            outcome.onFailed(cost, memory, done.cause());
          }
        });
  }

  @Override
  public void flush(Outcome outcome) {
    writeGathered(outcome);
    channel.flush();
  }

  @Override
  public void abandon(Outcome outcome) {
    ByteBuf current = gathered;
    if (current != null) {
      int cost = gatheredCost;
      int memory = gatheredMemory;
      forgetGathered();
      current.release();
      outcome.onFailed(cost, memory, new ClosedChannelException());
    }
  }
}
