package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.transport.rsocket.PeerStreams.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rsocket.frame.FrameHeaderCodec;
import io.rsocket.frame.FrameType;
import org.junit.jupiter.api.Test;

class PeerStreamsTest {
  private static final int NEXT = 1 << 5;
  private static final int COMPLETE = 1 << 6;

  private final StreamBudget all = new StreamBudget(5);
  private final PeerStreams streams = new PeerStreams(3, all);

  private static ByteBuf frame(int streamId, FrameType type, int flags, int n) {
    return Unpooled.buffer()
        .writeInt(streamId)
        .writeShort(type.getEncodedType() << 10 | flags)
        .writeInt(n);
  }

  private Verdict comes(int streamId, FrameType type) {
    return comes(frame(streamId, type, 0, 1));
  }

  private Verdict comes(ByteBuf frame) {
    return streams.onFrame(FrameHeaderCodec.frameType(frame), frame);
  }

  private Verdict payload(int streamId, int flags) {
    return comes(frame(streamId, FrameType.PAYLOAD, flags, 0));
  }

  private void leaves(int streamId, FrameType type, int flags) {
    streams.onWrite(streamId, frame(streamId, type, flags, 0));
  }

  @Test
  void aRequestBeyondTheLimitIsRejectedUntilAnotherHasEnded() {
    for (int streamId = 1; streamId <= 5; streamId += 2) {
      assertThat(comes(streamId, FrameType.REQUEST_STREAM)).isEqualTo(Verdict.PASS);
    }
    assertThat(comes(7, FrameType.REQUEST_STREAM)).isEqualTo(Verdict.REJECT);
    assertThat(streams.reason())
        .isEqualTo("this connection has 3 streams open or just cancelled, the most it may");
    leaves(3, FrameType.PAYLOAD, NEXT);
    assertThat(comes(9, FrameType.REQUEST_STREAM)).isEqualTo(Verdict.REJECT);
    leaves(3, FrameType.PAYLOAD, COMPLETE);
    assertThat(comes(11, FrameType.REQUEST_STREAM)).isEqualTo(Verdict.PASS);
    leaves(11, FrameType.ERROR, 0);
    leaves(5, FrameType.ERROR, 0);
    assertThat(streams.openNow()).isEqualTo(1);
    assertThat(all.open()).isEqualTo(1);
  }

  @Test
  void theFirstCancelsOfAFloodArePassedOnAndTheRestIsRejected() {
    int passed = 0;
    for (int streamId = 1; streamId < 200; streamId += 2) {
      if (comes(streamId, FrameType.REQUEST_STREAM) == Verdict.PASS) {
        assertThat(comes(streamId, FrameType.CANCEL)).isEqualTo(Verdict.PASS);
        passed++;
      }
    }
    assertThat(passed).isEqualTo(3);
    assertThat(streams.openNow()).isZero();
    assertThat(all.open()).isEqualTo(3);
  }

  @Test
  void theRoomOfACancelledStreamComesBackWithTheSecondTick() {
    assertThat(comes(1, FrameType.REQUEST_STREAM)).isEqualTo(Verdict.PASS);
    assertThat(comes(1, FrameType.CANCEL)).isEqualTo(Verdict.PASS);
    streams.onTick();
    assertThat(comes(3, FrameType.REQUEST_STREAM)).isEqualTo(Verdict.PASS);
    assertThat(comes(3, FrameType.CANCEL)).isEqualTo(Verdict.PASS);
    assertThat(all.open()).isEqualTo(2);
    streams.onTick();
    assertThat(all.open()).isEqualTo(1);
    streams.onTick();
    streams.onTick();
    assertThat(all.open()).isZero();
  }

  @Test
  void theRoomOfAClosedConnectionComesBackAfterAWhile() {
    comes(1, FrameType.REQUEST_STREAM);
    comes(3, FrameType.REQUEST_STREAM);
    comes(3, FrameType.CANCEL);
    streams.onClosed();
    streams.onTick();
    assertThat(all.open()).isEqualTo(2);
    streams.onClosedForAWhile();
    streams.onClosedForAWhile();
    assertThat(all.open()).isZero();
  }

  @Test
  void allConnectionsShareABoundAndGiveBackWhenTheyClose() {
    PeerStreams other = new PeerStreams(100, all);
    for (int streamId = 1; streamId <= 9; streamId += 2) {
      ByteBuf request = frame(streamId, FrameType.REQUEST_RESPONSE, 0, 0);
      assertThat(other.onFrame(FrameType.REQUEST_RESPONSE, request)).isEqualTo(Verdict.PASS);
    }
    assertThat(comes(1, FrameType.REQUEST_RESPONSE)).isEqualTo(Verdict.REJECT);
    assertThat(streams.reason())
        .isEqualTo("the broker has 5 streams open or just cancelled, the most it may");
    other.onClosedForAWhile();
    other.onClosedForAWhile();
    assertThat(all.open()).isZero();
    assertThat(comes(3, FrameType.REQUEST_RESPONSE)).isEqualTo(Verdict.PASS);
  }

  @Test
  void aStreamIsOpenedOnceAndOnlyWithAClientsNumber() {
    assertThat(comes(1, FrameType.REQUEST_CHANNEL)).isEqualTo(Verdict.PASS);
    assertThat(comes(1, FrameType.REQUEST_CHANNEL)).isEqualTo(Verdict.CLOSE);
    assertThat(streams.reason()).isEqualTo("stream 1 was opened twice");
    assertThat(comes(2, FrameType.REQUEST_RESPONSE)).isEqualTo(Verdict.CLOSE);
    assertThat(streams.reason()).isEqualTo("stream 2 cannot be opened by a client");
    assertThat(comes(4, FrameType.REQUEST_FNF)).isEqualTo(Verdict.CLOSE);
  }

  @Test
  void askingForNothingClosesTheConnection() {
    assertThat(comes(frame(1, FrameType.REQUEST_STREAM, 0, 0))).isEqualTo(Verdict.CLOSE);
    assertThat(streams.reason()).isEqualTo("stream 1 asks for 0, expected 1 to 2147483647");
    assertThat(comes(frame(1, FrameType.REQUEST_STREAM, 0, 1))).isEqualTo(Verdict.PASS);
    assertThat(comes(frame(1, FrameType.REQUEST_N, 0, -1))).isEqualTo(Verdict.CLOSE);
    assertThat(comes(frame(3, FrameType.REQUEST_CHANNEL, 0, -5))).isEqualTo(Verdict.CLOSE);
  }

  @Test
  void framesOfStreamsThatNeverBeganAreDroppedThenClose() {
    assertThat(comes(1, FrameType.REQUEST_STREAM)).isEqualTo(Verdict.PASS);
    for (int i = 0; i < PeerStreams.MOST_STRAYS; i++) {
      assertThat(comes(3 + 2 * i, FrameType.REQUEST_N)).isEqualTo(Verdict.DROP);
    }
    assertThat(payload(2, NEXT)).isEqualTo(Verdict.CLOSE);
    assertThat(streams.reason())
        .isEqualTo("101 times: frames came for streams that were never opened, such as 2");
  }

  @Test
  void dataForAStreamThatTakesNoneIsStray() {
    comes(1, FrameType.REQUEST_STREAM);
    assertThat(payload(1, NEXT)).isEqualTo(Verdict.DROP);
    assertThat(comes(1, FrameType.REQUEST_N)).isEqualTo(Verdict.PASS);
  }

  @Test
  void framesThatCrossedTheEndOfTheirStreamAreTolerated() {
    for (int streamId = 1; streamId < 2001; streamId += 2) {
      comes(streamId, FrameType.REQUEST_STREAM);
      leaves(streamId, FrameType.PAYLOAD, NEXT | COMPLETE);
      for (int i = 0; i < PeerStreams.LATE_PER_STREAM; i++) {
        assertThat(comes(streamId, FrameType.REQUEST_N)).isEqualTo(Verdict.DROP);
      }
    }
  }

  @Test
  void aFloodForAStreamThatHasEndedCloses() {
    comes(1, FrameType.REQUEST_STREAM);
    comes(1, FrameType.CANCEL);
    int most = PeerStreams.LATE_FOR_NOTHING + PeerStreams.LATE_PER_STREAM;
    for (int i = 0; i < most; i++) {
      assertThat(comes(1, FrameType.CANCEL)).isEqualTo(Verdict.DROP);
    }
    assertThat(comes(1, FrameType.CANCEL)).isEqualTo(Verdict.CLOSE);
    assertThat(streams.reason()).isEqualTo(most + 1 + " frames came for streams that had ended");
  }

  @Test
  void aChannelEndsWhenBothOfItsPartsHave() {
    comes(1, FrameType.REQUEST_CHANNEL);
    assertThat(payload(1, NEXT)).isEqualTo(Verdict.PASS);
    leaves(1, FrameType.PAYLOAD, COMPLETE);
    assertThat(payload(1, NEXT)).as("its input is open").isEqualTo(Verdict.PASS);
    assertThat(payload(1, COMPLETE)).isEqualTo(Verdict.PASS);
    assertThat(streams.openNow()).isZero();

    comes(3, FrameType.REQUEST_CHANNEL);
    assertThat(payload(3, NEXT | COMPLETE)).isEqualTo(Verdict.PASS);
    assertThat(payload(3, NEXT)).as("its input has ended").isEqualTo(Verdict.DROP);
    leaves(3, FrameType.PAYLOAD, NEXT | COMPLETE);
    assertThat(streams.openNow()).isZero();

    comes(5, FrameType.REQUEST_CHANNEL);
    leaves(5, FrameType.CANCEL, 0);
    assertThat(streams.openNow()).isEqualTo(1);
    leaves(5, FrameType.PAYLOAD, COMPLETE);
    assertThat(streams.openNow()).isZero();

    comes(frame(7, FrameType.REQUEST_CHANNEL, COMPLETE, 1));
    leaves(7, FrameType.PAYLOAD, COMPLETE);
    assertThat(streams.openNow()).isZero();
    assertThat(all.open()).isZero();
  }
}
