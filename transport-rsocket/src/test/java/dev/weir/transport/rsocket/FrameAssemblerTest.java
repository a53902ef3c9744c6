package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.rsocket.frame.FrameType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class FrameAssemblerTest {
  private final List<String> refusals = new ArrayList<>();
  private final ManualTime time = new ManualTime();
  private final PartialFrames memory = new PartialFrames(1 << 20, time);
  private final EmbeddedChannel channel = channel(memory, refusals);

  private static EmbeddedChannel channel(PartialFrames memory, List<String> refusals) {
    return new EmbeddedChannel(new FrameAssembler(4 << 20, memory, refusals::add));
  }

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

  private static ByteBuf start(int length, int bytes) {
    return Unpooled.directBuffer().writeMedium(length).writeZero(bytes);
  }

  @Test
  void manyUnfinishedFramesHoldNoMoreThanTheirBound() {
    List<EmbeddedChannel> channels = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      channels.add(channel(memory, refusals));
      channels.get(i).writeInbound(start(2 << 20, 100_000));
      assertThat(memory.held()).isLessThanOrEqualTo(1 << 20);
    }
    assertThat(refusals)
        .hasSize(12)
        .allSatisfy(
            reason ->
                assertThat(reason)
                    .startsWith("there is no memory for a frame of 2097152 bytes beside"));
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    assertThat(memory.held()).isZero();
  }

  @Test
  void smallBeginningsAlwaysFit() {
    PartialFrames nothing = new PartialFrames(0, time);
    EmbeddedChannel holder = channel(nothing, refusals);
    holder.writeInbound(start(1 << 20, 10_000)); // one always fits
    EmbeddedChannel small = channel(nothing, refusals);
    small.writeInbound(start(PartialFrames.FREE_BYTES, 10));
    assertThat(refusals).isEmpty();
    EmbeddedChannel larger = channel(nothing, refusals);
    larger.writeInbound(start(PartialFrames.FREE_BYTES + 1, 10));
    assertThat(refusals).hasSize(1);
    holder.finishAndReleaseAll();
    small.finishAndReleaseAll();
    larger.finishAndReleaseAll();
    assertThat(nothing.held()).isZero();
  }

  @Test
  void framesThatDoNotEndGiveWayToOthersOldestFirst() {
    List<EmbeddedChannel> idle = new ArrayList<>();
    List<List<String>> told = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      told.add(new ArrayList<>());
      idle.add(channel(memory, told.get(i)));
      idle.get(i).writeInbound(start(2 << 20, 100_000));
    }
    assertThat(memory.held()).isEqualTo(1 << 20);
    time.advance(Duration.ofMillis(900));
    channel.writeInbound(start(1 << 20, 100_000));
    assertThat(told).as("they have just begun").allMatch(List::isEmpty);
    assertThat(refusals).hasSize(1);

    time.advance(Duration.ofMillis(200));
    EmbeddedChannel next = channel(memory, new ArrayList<>());
    next.writeInbound(start(1 << 20, 100_000)); // is refused, but makes room
    idle.forEach(EmbeddedChannel::runPendingTasks);
    assertThat(told.get(0))
        .containsExactly("a frame of 2097152 bytes does not end and its memory is needed");
    assertThat(told.get(7)).isEmpty();
    List<String> refusalsOfLast = new ArrayList<>();
    EmbeddedChannel last = channel(memory, refusalsOfLast);
    last.writeInbound(start(300_000, 100_000));
    last.writeInbound(Unpooled.directBuffer().writeZero(200_000));
    assertThat(refusalsOfLast).isEmpty();
    ByteBuf whole = last.readInbound();
    assertThat(whole.readableBytes()).isEqualTo(300_000);
    whole.release();
    for (EmbeddedChannel each : idle) {
      each.finishAndReleaseAll();
    }
    next.finishAndReleaseAll();
    assertThat(memory.held()).isZero();
  }

  @Test
  void whatMayBeKeptHoldsAtMostTwiceItsSize() {
    ByteBuf read = Unpooled.directBuffer(256 << 10);
    byte[] payload = new byte[1000];
    payload[4] = (byte) (FrameType.PAYLOAD.getEncodedType() << 2);
    byte[] requestN = new byte[10];
    requestN[4] = (byte) (FrameType.REQUEST_N.getEncodedType() << 2);
    read.writeMedium(payload.length).writeBytes(payload);
    read.writeMedium(requestN.length).writeBytes(requestN);
    channel.writeInbound(read);
    ByteBuf kept = channel.readInbound();
    assertThat(kept.readableBytes()).isEqualTo(1000);
    assertThat(kept.unwrap() == null ? kept.capacity() : kept.unwrap().capacity())
        .isLessThanOrEqualTo(2000);
    assertThat(read.refCnt()).as("the other one is a slice").isEqualTo(1);
    channel.<ByteBuf>readInbound().release();
    assertThat(read.refCnt()).isZero();
    kept.release();
  }
}
