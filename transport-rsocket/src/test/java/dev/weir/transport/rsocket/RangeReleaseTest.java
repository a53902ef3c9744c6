package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.transport.rsocket.CountedRanges.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** However a stream of ranges ends, every range is released exactly once. */
@ExtendWith({NoLeaks.class, NoBlocking.class})
class RangeReleaseTest {
  private static final int ENDINGS = 10_000;
  private static final int STREAMS_PER_CONNECTION = 100;
  private static final int RANGE_BYTES = 40_000;

  @TempDir private Path dir;

  @Test
  void releasesEveryRangeExactlyOnceUnderRandomCancelsAndCloses() throws Exception {
    long seed = Long.getLong("weir.seed", System.nanoTime());
    Random random = new Random(seed);
    ExecutorService partition =
        Executors.newSingleThreadExecutor(t -> new Thread(t, "weir-partition-1"));
    Scheduler scheduler = Schedulers.fromExecutorService(partition);
    try (CountedRanges ranges = new CountedRanges(dir, RANGE_BYTES * 4)) {
      RequestHandler handler = new Ranges(ranges, scheduler, seed);
      LoopbackPair pair = new LoopbackPair(handler);
      for (int done = 0; done < ENDINGS; done += STREAMS_PER_CONNECTION) {
        endStreams(pair, random);
      }
      pair.close();
      Awaitility.await("seed " + seed)
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(ranges.open()).isZero());
      assertThat(ranges.releasedTwice).as("seed %d", seed).hasValue(0);
      assertThat(ranges.given.get()).isGreaterThan(ENDINGS);
      assertThat(pair.serverSide.queuedBytes()).as("seed %d", seed).isZero();
    } finally {
      scheduler.dispose();
      partition.shutdownNow();
    }
  }

  /**
   * Streams of one connection that are cancelled after a random number of messages, or die with it.
   */
  private static void endStreams(LoopbackPair pair, Random random) throws Exception {
    ClientConnection client = pair.connect();
    CountDownLatch ended = new CountDownLatch(STREAMS_PER_CONNECTION);
    int closeAfter = random.nextInt(4 * STREAMS_PER_CONNECTION);
    boolean closesHard = random.nextBoolean();
    AtomicInteger received = new AtomicInteger();
    for (int i = 0; i < STREAMS_PER_CONNECTION; i++) {
      int cancelAfter = random.nextInt(4);
      client
          .requestStream(route(random), OutboundMessage.of(Bytes.of("")))
          .doFinally(end -> ended.countDown())
          .subscribe(
              new BaseSubscriber<>() {
                private int count;

                @Override
                protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                  if (cancelAfter == 0) {
                    subscription.request(1);
                    subscription.cancel();
                  } else {
                    subscription.request(cancelAfter + 5L);
                  }
                }

                @Override
                protected void hookOnNext(InboundMessage message) {
                  message.close();
                  if (received.incrementAndGet() == closeAfter) {
                    end(client, closesHard);
                  }
                  if (++count == cancelAfter) {
                    cancel();
                  }
                }

                @Override
                protected void hookOnError(Throwable error) {}
              });
    }
    assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    end(client, closesHard);
  }

  private static void end(ClientConnection client, boolean hard) {
    if (hard) {
      client.abort();
    } else {
      client.dispose();
    }
  }

  private static String route(Random random) {
    Kind[] kinds = Kind.values();
    return kinds[random.nextInt(kinds.length)].name();
  }

  /** Endless ranges, emitted from another thread as partitions do. */
  private record Ranges(CountedRanges ranges, Scheduler scheduler, long seed)
      implements RequestHandler {
    @Override
    public Flux<OutboundMessage> requestStream(InboundMessage message) {
      Kind kind = Kind.valueOf(message.route());
      message.close();
      return Flux.<OutboundMessage>generate(
              sink ->
                  sink.next(
                      OutboundMessage.ofRange(
                          Bytes.of("header"), ranges.range(kind, RANGE_BYTES, RANGE_BYTES))))
          .subscribeOn(scheduler);
    }
  }
}
