package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.disk.FileRange;
import dev.weir.transport.rsocket.CountedRanges.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rsocket.Payload;
import io.rsocket.exceptions.CustomRSocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class StreamGateTest {
  private static final int HIGH_MARK = 1000;

  private final QueueBudget budget =
      new QueueBudget(Long.MAX_VALUE, Long.MAX_VALUE, new TransportCounters());
  private final ByteLedger ledger = new ByteLedger(budget, HIGH_MARK);
  private final List<Runnable> reads = new ArrayList<>();
  private final OutboundPath path =
      new OutboundPath(
          new MessageEncoder(UnpooledByteBufAllocator.DEFAULT, MetadataFormat.COMPOSITE, 1 << 20),
          ledger,
          new RangeReads(reads::add, new TransportCounters(), budget),
          UnpooledByteBufAllocator.DEFAULT,
          true);

  @TempDir private Path dir;

  private static OutboundMessage message(String text) {
    return OutboundMessage.of(Bytes.of(text));
  }

  private Flux<String> gated(Flux<OutboundMessage> source) {
    return new StreamGate(source, path)
        .map(
            payload -> {
              String text = payload.getDataUtf8();
              payload.release();
              return text;
            });
  }

  @Test
  void neverAsksForMoreThanItWasAsked() {
    AtomicLong asked = new AtomicLong();
    Flux<OutboundMessage> source =
        Flux.range(0, 1_000_000).map(i -> message("m" + i)).doOnRequest(asked::addAndGet);
    StepVerifier.create(gated(source), 0)
        .thenRequest(7)
        .expectNextCount(7)
        .then(() -> assertThat(asked).hasValue(7))
        .thenRequest(1000)
        .expectNextCount(1000)
        .then(() -> assertThat(asked).hasValue(1007))
        .thenCancel()
        .verify(LoopbackPair.PATIENCE);
  }

  @Test
  void asksForNothingWhileTheLedgerIsFullAndGoesOnAfterwards() {
    AtomicLong asked = new AtomicLong();
    Flux<OutboundMessage> source =
        Flux.range(0, 3).map(i -> message("m" + i)).doOnRequest(asked::addAndGet);
    ledger.add(HIGH_MARK, HIGH_MARK);
    StepVerifier.create(gated(source), Long.MAX_VALUE)
        .expectSubscription()
        .then(() -> assertThat(asked).hasValue(0))
        .then(() -> ledger.subtract(HIGH_MARK, HIGH_MARK))
        .expectNext("m0", "m1", "m2")
        .expectComplete()
        .verify(LoopbackPair.PATIENCE);
  }

  /** Ranges take no memory while they wait, and a turn of the threads for each costs most. */
  @Test
  void asksForMoreOfFilesThanOfMemoryAtATime() throws Exception {
    int size = 32 << 10;
    try (CountedRanges ranges = new CountedRanges(dir, size)) {
      List<Long> ofFiles = new ArrayList<>();
      List<Long> ofMemory = new ArrayList<>();
      new StreamGate(
              Flux.range(0, 200)
                  .map(i -> OutboundMessage.ofRange(null, ranges.range(Kind.HOT, 0, size)))
                  .doOnRequest(ofFiles::add),
              path)
          .doOnNext(Payload::release)
          .blockLast(LoopbackPair.PATIENCE);
      new StreamGate(
              Flux.range(0, 200)
                  .map(i -> OutboundMessage.of(ByteBuffer.allocate(size)))
                  .doOnRequest(ofMemory::add),
              path)
          .doOnNext(Payload::release)
          .blockLast(LoopbackPair.PATIENCE);
      assertThat(Collections.max(ofFiles) * size).isBetween(768L << 10, 1L << 20);
      assertThat(Collections.max(ofMemory) * size).isEqualTo(256L << 10);
      assertThat(ranges.open()).isZero();
    }
  }

  @Test
  void tellsTheHandlerWhatItWaitsFor() throws Exception {
    try (CountedRanges ranges = new CountedRanges(dir, 10)) {
      AtomicReference<StreamDemand> peer = new AtomicReference<>();
      TestPublisher<OutboundMessage> source = TestPublisher.create();
      Flux<OutboundMessage> looking =
          new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super OutboundMessage> actual) {
              peer.set(StreamDemand.of(actual));
              source.flux().subscribe(actual);
            }
          };
      StepVerifier.create(gated(looking), 2)
          .then(() -> assertThat(peer.get().awaitsSocket()).isFalse())
          .then(() -> ledger.add(HIGH_MARK, HIGH_MARK))
          .then(() -> source.next(message("a")))
          .then(() -> assertThat(peer.get().awaitsSocket()).isTrue())
          .then(() -> ledger.subtract(HIGH_MARK, HIGH_MARK))
          .expectNext("a")
          .then(() -> assertThat(peer.get().awaitsSocket()).isFalse())
          .then(
              () -> source.next(OutboundMessage.ofRange(null, ranges.range(Kind.FILELESS, 0, 10))))
          .then(() -> assertThat(peer.get().awaitsDisk()).isTrue())
          .then(() -> reads.remove(0).run())
          .expectNextCount(1)
          .then(() -> assertThat(peer.get().awaitsDisk()).isFalse())
          .thenCancel()
          .verify(LoopbackPair.PATIENCE);
    }
  }

  @Test
  void keepsWhatComesWhileTheLedgerIsFull() {
    TestPublisher<OutboundMessage> source = TestPublisher.create();
    StepVerifier.create(gated(source.flux()), 3)
        .then(() -> source.next(message("a")))
        .expectNext("a")
        .then(() -> ledger.add(HIGH_MARK, HIGH_MARK))
        .then(() -> source.next(message("b"), message("c")).complete())
        .then(() -> ledger.subtract(HIGH_MARK, HIGH_MARK))
        .expectNext("b", "c")
        .expectComplete()
        .verify(LoopbackPair.PATIENCE);
  }

  @Test
  void keepsTheOrderAroundARangeThatHasToBeRead() throws Exception {
    try (CountedRanges ranges = new CountedRanges(dir, 10)) {
      TestPublisher<OutboundMessage> source = TestPublisher.create();
      StepVerifier.create(gated(source.flux()), 3)
          .then(
              () ->
                  source
                      .next(
                          OutboundMessage.ofRange(null, ranges.range(Kind.FILELESS, 0, 10)),
                          message("after"))
                      .complete())
          .then(() -> assertThat(reads).hasSize(1))
          .then(() -> reads.remove(0).run())
          .expectNextCount(1)
          .expectNext("after")
          .expectComplete()
          .verify(LoopbackPair.PATIENCE);
      assertThat(ranges.open()).isZero();
    }
  }

  @Test
  void dropsWhatWaitsWhenItIsCancelled() throws Exception {
    try (CountedRanges ranges = new CountedRanges(dir, 10)) {
      TestPublisher<OutboundMessage> source = TestPublisher.create();
      FileRange cold = ranges.range(Kind.COLD, 0, 10);
      FileRange waiting = ranges.range(Kind.HOT, 0, 10);
      StepVerifier.create(new StreamGate(source.flux(), path).map(Payload::release), 5)
          .then(
              () ->
                  source.next(
                      OutboundMessage.ofRange(null, cold), OutboundMessage.ofRange(null, waiting)))
          .thenCancel()
          .verify(LoopbackPair.PATIENCE);
      reads.remove(0).run();
      source.assertCancelled();
      assertThat(ranges.open()).isZero();
      assertThat(ranges.releasedTwice).hasValue(0);
    }
  }

  @Test
  void turnsAHandlersErrorIntoItsWireForm() {
    StepVerifier.create(gated(Flux.error(new IllegalStateException("bug"))))
        .expectError(CustomRSocketException.class)
        .verify(LoopbackPair.PATIENCE);
  }

  @Test
  void endsTheStreamOfAHandlerThatThrowsWhenAsked() {
    Flux<OutboundMessage> source =
        Flux.from(
            subscriber ->
                subscriber.onSubscribe(
                    new Subscription() {
                      @Override
                      public void request(long n) {
                        throw new IllegalStateException("bug");
                      }

                      @Override
                      public void cancel() {}
                    }));
    StepVerifier.create(gated(source))
        .expectError(CustomRSocketException.class)
        .verify(LoopbackPair.PATIENCE);
  }

  @Test
  void endsTheStreamWhenThereIsNoMemoryForARangeThatWasRead() throws Exception {
    var full =
        new PooledByteBufAllocator(true) {
          @Override
          protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("no direct memory");
          }
        };
    OutboundPath poor =
        new OutboundPath(
            new MessageEncoder(full, MetadataFormat.COMPOSITE, 1 << 20),
            ledger,
            new RangeReads(reads::add, new TransportCounters(), budget),
            full,
            true);
    try (CountedRanges ranges = new CountedRanges(dir, 100)) {
      FileRange range = ranges.range(Kind.COLD, 0, 100);
      OutboundMessage message = OutboundMessage.ofRange(ByteBuffer.allocate(8000), range);
      StepVerifier.create(new StreamGate(Flux.just(message), poor))
          .then(() -> reads.remove(0).run())
          .expectError(CustomRSocketException.class)
          .verify(LoopbackPair.PATIENCE);
      assertThat(ranges.open()).isZero();
      assertThat(ranges.releasedTwice).hasValue(0);
    }
  }
}
