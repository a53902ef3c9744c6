package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StrangerDoorTest {
  private final Strangers strangers = new Strangers(10, 10);
  private final TransportCounters counters = new TransportCounters();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new StrangerDoor(strangers, counters));

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void passes(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runPendingTasks();
  }

  @Test
  void closesWhoSendsAndNeverAsks() {
    for (int i = 0; i < 4; i++) {
      passes(1_000);
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {'x'}));
    }
    assertThat(channel.isOpen()).isTrue();
    passes(1_000);
    assertThat(channel.isOpen()).isFalse();
    assertThat(counters.refusedStrangers()).isEqualTo(1);
    assertThat(strangers.now()).isZero();
  }

  @Test
  void whoWasAnsweredHasUntilTheNextAnswer() {
    channel.writeOutbound(Unpooled.wrappedBuffer(new byte[] {'x'}));
    passes(StrangerDoor.NEXT_ANSWER_MILLIS - 1);
    assertThat(channel.isOpen()).isTrue();
    channel.writeOutbound(Unpooled.wrappedBuffer(new byte[] {'x'}));
    passes(StrangerDoor.NEXT_ANSWER_MILLIS - 1);
    assertThat(channel.isOpen()).isTrue();
    passes(1);
    assertThat(channel.isOpen()).isFalse();
    assertThat(counters.refusedStrangers()).isEqualTo(1);
  }

  @Test
  void aWebSocketIsLeftAlone() {
    StrangerDoor.leave(channel.pipeline());
    assertThat(strangers.now()).isZero();
    passes(10 * StrangerDoor.NEXT_ANSWER_MILLIS);
    assertThat(channel.isOpen()).isTrue();
    assertThat(counters.refusedStrangers()).isZero();
  }
}
