package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.transport.rsocket.CountedRanges.Kind;
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
  private final QueueBudget budget =
      new QueueBudget(Long.MAX_VALUE, Long.MAX_VALUE, new TransportCounters());

  @TempDir private Path dir;

  private FrameConnection connection(FrameWriter writer) {
    ByteLedger ledger = new ByteLedger(budget, 1 << 20);
    return new FrameConnection(Connection.from(channel), writer, ledger, 1 << 30);
  }

  /** Takes frames until there is no memory; tells outcomes when flushed. */
  private static final class LastBreath implements FrameWriter {
    private final List<QueuedFrame> unflushed = new ArrayList<>();
    private int room;

    LastBreath(int room) {
      this.room = room;
    }

    @Override
    public void write(QueuedFrame frame, Outcome outcome) {
      if (room-- == 0) {
        throw new OutOfMemoryError("no direct memory");
      }
      frame.bytes().release();
      unflushed.add(frame);
    }

    @Override
    public void flush(Outcome outcome) {
      List<QueuedFrame> now = List.copyOf(unflushed);
      unflushed.clear();
      now.forEach(frame -> outcome.onWritten(frame.cost(), frame.memory()));
    }

    @Override
    public void abandon(Outcome outcome) {
      List<QueuedFrame> now = List.copyOf(unflushed);
      unflushed.clear();
      now.forEach(
          frame ->
              outcome.onFailed(
                  frame.cost(), frame.memory(), new IllegalStateException("abandoned")));
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
    private int memory;

    Instant(Consumer<Instant> onFlush) {
      this.onFlush = onFlush;
    }

    @Override
    public void write(QueuedFrame frame, Outcome outcome) {
      frame.bytes().release();
      cost += frame.cost();
      memory += frame.memory();
    }

    @Override
    public void flush(Outcome outcome) {
      int written = cost;
      int ofMemory = memory;
      cost = 0;
      memory = 0;
      if (written > 0) {
        onFlush.accept(this);
        outcome.onWritten(written, ofMemory);
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

  @Test
  void memoryAboveTheSharedBoundIsTakenFromTheConnectionThatHoldsMost() throws Exception {
    QueueBudget small = new QueueBudget(Long.MAX_VALUE, 100_000, new TransportCounters());
    List<EmbeddedChannel> channels = new ArrayList<>();
    List<FrameConnection> connections = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      EmbeddedChannel each = new EmbeddedChannel();
      Never writer = new Never();
      FrameConnection connection =
          new FrameConnection(
              Connection.from(each), writer, new ByteLedger(small, 1 << 20), 1 << 30);
      each.closeFuture().addListener(closed -> writer.fail(connection));
      channels.add(each);
      connections.add(connection);
    }
    try (CountedRanges ranges = new CountedRanges(dir, 500_000)) {
      // A range of a file is no memory.
      connections.get(2).sendFrame(1, new RangeByteBuf(ranges.range(Kind.HOT, 0, 500_000)));
      for (int i = 0; i < 5; i++) {
        connections.get(0).sendFrame(1, Unpooled.buffer(10_000).writeZero(10_000));
      }
      for (int i = 0; i < 3; i++) {
        connections.get(1).sendFrame(1, Unpooled.buffer(10_000).writeZero(10_000));
      }
      channels.forEach(EmbeddedChannel::runPendingTasks);
      assertThat(channels).allMatch(EmbeddedChannel::isOpen);

      connections.get(1).sendFrame(1, Unpooled.buffer(15_000).writeZero(15_000));
      channels.forEach(EmbeddedChannel::runPendingTasks);
      assertThat(channels.stream().map(EmbeddedChannel::isOpen)).containsExactly(false, true, true);
      assertThat(small.memory()).isLessThan(50_000);
      var unused1 = channels.get(1).close();
      var unused2 = channels.get(2).close();
      channels.forEach(EmbeddedChannel::runPendingTasks);
      assertThat(small.memory()).isZero();
      assertThat(small.queued()).isZero();
      assertThat(ranges.open()).isZero();
    }
  }

  /** A socket that takes nothing. */
  private static final class Never implements FrameWriter {
    private final List<QueuedFrame> taken = new ArrayList<>();

    @Override
    public void write(QueuedFrame frame, Outcome outcome) {
      taken.add(frame);
    }

    @Override
    public void flush(Outcome outcome) {}

    @Override
    public void abandon(Outcome outcome) {}

    void fail(Outcome outcome) {
      for (QueuedFrame frame : taken) {
        frame.bytes().release();
        outcome.onFailed(frame.cost(), frame.memory(), new IllegalStateException("closed"));
      }
      taken.clear();
    }
  }
}
