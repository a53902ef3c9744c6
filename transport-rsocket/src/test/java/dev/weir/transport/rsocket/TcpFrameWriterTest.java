package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class TcpFrameWriterTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final TcpFrameWriter writer = new TcpFrameWriter(channel, new TransportCounters());

  private static final class Written implements FrameWriter.Outcome {
    long cost;

    @Override
    public void onWritten(int written, int memory) {
      assertThat(memory).as("there are no files here").isEqualTo(written);
      cost += written;
    }

    @Override
    public void onFailed(int failed, int memory, Throwable cause) {
      throw new AssertionError(cause);
    }
  }

  /** Returns the memory behind what was written, and checks that it is all there. */
  private long memoryOf(int frames, int frameBytes, Written written) {
    channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
    for (int i = 0; i < frames; i++) {
      QueuedFrame frame = QueuedFrame.of(1, Unpooled.buffer(frameBytes).writeZero(frameBytes));
      writer.write(frame, written);
    }
    writer.flush(written);
    long memory = 0;
    long bytes = 0;
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      memory += out.capacity();
      bytes += out.readableBytes();
      out.release();
    }
    assertThat(bytes).isEqualTo(frames * (3L + frameBytes));
    return memory;
  }

  @Test
  void holdsAboutAsMuchMemoryAsFramesAreCharged() {
    for (int frames : new int[] {1, 2, 10, 100, 1000}) {
      for (int frameBytes : new int[] {6, 60, 600, 4000}) {
        Written written = new Written();
        long memory = memoryOf(frames, frameBytes, written);
        assertThat(memory)
            .as("%d frames of %d bytes", frames, frameBytes)
            .isLessThanOrEqualTo(2 * written.cost);
      }
    }
  }

  @Test
  void gathersManySmallFramesInFewBuffers() {
    Written written = new Written();
    for (int i = 0; i < 1000; i++) {
      QueuedFrame frame = QueuedFrame.of(1, Unpooled.buffer(61).writeZero(61));
      writer.write(frame, written);
    }
    writer.flush(written);
    // 64 bytes each with its length, 32 KiB in a buffer.
    assertThat(channel.outboundMessages()).hasSize(2);
    channel.releaseOutbound();
  }

  @Test
  void copiesPartsOfFrameWithoutMergingThemFirst() {
    CompositeByteBuf frame =
        new CompositeByteBuf(channel.alloc(), false, 3) {
          @Override
          public ByteBuffer nioBuffer(int index, int length) {
            throw new AssertionError("a merged copy was asked for");
          }
        };
    frame.addComponent(true, Unpooled.wrappedBuffer(new byte[] {1, 2}));
    frame.addComponent(true, Unpooled.wrappedBuffer(new byte[] {3}));
    frame.addComponent(true, channel.alloc().directBuffer(2).writeByte(4).writeByte(5));
    Written written = new Written();
    writer.write(QueuedFrame.of(1, frame), written);
    writer.flush(written);
    ByteBuf out = channel.readOutbound();
    assertThat(ByteBufUtil.getBytes(out)).isEqualTo(new byte[] {0, 0, 5, 1, 2, 3, 4, 5});
    out.release();
  }
}
