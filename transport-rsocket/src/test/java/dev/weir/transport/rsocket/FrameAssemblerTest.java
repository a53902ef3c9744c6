package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FrameAssemblerTest {
  private final List<String> refusals = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new FrameAssembler(4 << 20, refusals::add));

  @Test
  void cutsFramesHoweverTheBytesAreSplit() {
    Random random = new Random(5);
    List<byte[]> frames = new ArrayList<>();
    ByteBuf all = Unpooled.buffer();
    for (int i = 0; i < 200; i++) {
      byte[] frame =
          new byte[random.nextInt(10) == 0 ? random.nextInt(600_000) : random.nextInt(50)];
      random.nextBytes(frame);
      frames.add(frame);
      all.writeMedium(frame.length).writeBytes(frame);
    }
    while (all.isReadable()) {
      int most = random.nextBoolean() ? 4 : 300_000;
      int count = Math.min(all.readableBytes(), 1 + random.nextInt(most));
      channel.writeInbound(channel.alloc().directBuffer(count).writeBytes(all, count));
    }
    for (byte[] expected : frames) {
      ByteBuf frame = channel.readInbound();
      assertThat(frame).isEqualTo(Unpooled.wrappedBuffer(expected));
      frame.release();
    }
    assertThat(channel.<ByteBuf>readInbound()).isNull();
    assertThat(channel.finish()).isFalse();
  }

  @Test
  void doesNotReserveWhatAFrameOnlyClaims() {
    channel.writeInbound(Unpooled.buffer().writeMedium(4 << 20).writeZero(10));
    assertThat(channel.<ByteBuf>readInbound()).isNull();
    assertThat(refusals).isEmpty();
    assertThat(channel.finish()).isFalse();
  }

  @Test
  void refusesATooLargeFrameOnceAndDeliversNothingMore() {
    channel.writeInbound(Unpooled.buffer().writeMedium((4 << 20) + 1));
    channel.writeInbound(Unpooled.buffer().writeMedium(1).writeByte(1));
    assertThat(refusals).containsExactly("a frame of 4194305 bytes came, the limit is 4194304");
    assertThat(channel.<ByteBuf>readInbound()).isNull();
  }
}
