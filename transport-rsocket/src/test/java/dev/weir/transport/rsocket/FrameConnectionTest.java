package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.transport.rsocket.CountedRanges.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.Connection;

@ExtendWith(NoLeaks.class)
class FrameConnectionTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final QueueBudget budget = new QueueBudget(Long.MAX_VALUE);

  @TempDir private Path dir;

  private FrameConnection connection(FrameWriter writer) {
    ByteLedger ledger = new ByteLedger(budget, 1 << 20);
    return new FrameConnection(Connection.from(channel), writer, ledger, 1 << 30);
  }

  /** Takes frames until there is no memory; tells outcomes when flushed. */
  private static final class LastBreath implements FrameWriter {
    private final List<Integer> unflushed = new ArrayList<>();
    private int room;

    LastBreath(int room) {
      this.room = room;
    }

    @Override
    public void write(ByteBuf frame, int cost, Outcome outcome) {
      if (room-- == 0) {
        throw new OutOfMemoryError("no direct memory");
      }
      frame.release();
      unflushed.add(cost);
    }

    @Override
    public void flush(Outcome outcome) {
      List<Integer> now = List.copyOf(unflushed);
      unflushed.clear();
      now.forEach(outcome::onWritten);
    }

    @Override
    public void abandon(Outcome outcome) {
      List<Integer> now = List.copyOf(unflushed);
      unflushed.clear();
      now.forEach(cost -> outcome.onFailed(cost, new IllegalStateException("abandoned")));
    }
  }

  @Test
  void releasesAndSettlesEverythingWhenMemoryRunsOutWhileWriting() throws Exception {
    try (CountedRanges ranges = new CountedRanges(dir, 1000)) {
      FrameConnection frames = connection(new LastBreath(3));
      for (int i = 0; i < 10; i++) {
        frames.sendFrame(1, new RangeByteBuf(ranges.range(Kind.HOT, 0, 1000)));
      }
      channel.runPendingTasks();
      assertThat(channel.isOpen()).isFalse();
      assertThat(ranges.open()).isZero();
      assertThat(ranges.releasedTwice).hasValue(0);
      assertThat(budget.queued()).isZero();

      frames.sendFrame(1, new RangeByteBuf(ranges.range(Kind.HOT, 0, 1000)));
      channel.runPendingTasks();
      assertThat(ranges.open()).isZero();
      assertThat(budget.queued()).isZero();
    }
  }

  /** Writes at once, and tells who listens after each flush. */
  private static final class Instant implements FrameWriter {
    private final Consumer<Instant> onFlush;
    private int cost;

    Instant(Consumer<Instant> onFlush) {
      this.onFlush = onFlush;
    }

    @Override
    public void write(ByteBuf frame, int frameCost, Outcome outcome) {
      frame.release();
      cost += frameCost;
    }

    @Override
    public void flush(Outcome outcome) {
      int written = cost;
      cost = 0;
      if (written > 0) {
        onFlush.accept(this);
        outcome.onWritten(written);
      }
    }

    @Override
    public void abandon(Outcome outcome) {}
  }

  @Test
  void givesWayToOtherConnectionsAgainAndAgain() {
    AtomicInteger flushes = new AtomicInteger();
    AtomicInteger seenByOther = new AtomicInteger();
    FrameConnection[] frames = new FrameConnection[1];
    // A fast reader: for whatever is written, the next comes.
    frames[0] =
        connection(
            new Instant(
                writer -> {
                  if (flushes.incrementAndGet() < 10_000) {
                    frames[0].sendFrame(1, Unpooled.buffer(16).writeZero(16));
                  }
                }));
    frames[0].sendFrame(1, Unpooled.buffer(16).writeZero(16));
    channel.eventLoop().execute(() -> seenByOther.set(flushes.get()));
    channel.runPendingTasks();
    assertThat(flushes).hasValue(10_000);
    assertThat(seenByOther.get()).isBetween(1, 100);
    assertThat(budget.queued()).isZero();
  }
}
