package dev.weir.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.route.ByteBudget;
import dev.weir.broker.route.CreditWindow;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.Throttle;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

@Timeout(30)
class ProduceChannelTest {
  private static final int LIMIT = 50;

  private final AppendCounters counters = new AppendCounters();

  @Test
  void completesWhenItsCreditsAreUsedUpAndEveryBatchIsAnswered() {
    ProduceChannel channel =
        new ProduceChannel(
            withoutPartitions(),
            counters,
            new CreditWindow(new ByteBudget(null, 64L << 20), LIMIT));
    AtomicLong asked = new AtomicLong();
    Flux<InboundMessage> endless =
        Flux.<InboundMessage>generate(sink -> sink.next(new WithoutHeader()))
            .doOnRequest(asked::addAndGet);

    StepVerifier.create(
            Flux.<OutboundMessage>create(sink -> channel.start(endless, sink, new Draining()))
                .doOnNext(result -> channel.onDelivered()))
        .expectNextCount(LIMIT)
        .verifyComplete();

    assertThat(asked).hasValue(LIMIT);
  }

  @Test
  void whatHoldsTheProducerBackIsCounted() {
    ByteBudget budget = new ByteBudget(null, 64L << 20);
    ProduceChannel channel =
        new ProduceChannel(withoutPartitions(), counters, new CreditWindow(budget));
    budget.tryReserve(40 << 20);
    StepVerifier.create(
            Flux.<OutboundMessage>create(
                sink ->
                    channel.start(
                        Flux.just(new WithoutHeader(), new WithoutHeader()), sink, new Draining())))
        .expectNextCount(2)
        .verifyComplete();

    assertThat(counters.throttled(Throttle.MEMORY)).isEqualTo(2);
    assertThat(counters.throttled(Throttle.NONE)).isZero();
  }

  @SuppressWarnings("NullAway") // no batch gets as far as a partition
  private static BatchIntake withoutPartitions() {
    return new BatchIntake(null);
  }

  /** Refused at once, so that no partition is needed for an answer. */
  private static final class WithoutHeader implements InboundMessage {
    @Override
    public String route() {
      return "";
    }

    @Override
    public @Nullable ByteBuffer header() {
      return null;
    }

    @Override
    public @Nullable ByteBuffer recordJson() {
      return null;
    }

    @Override
    public ByteBuffer data() {
      return ByteBuffer.allocate(10);
    }

    @Override
    public int sizeInBytes() {
      return data().remaining();
    }

    @Override
    public void close() {}
  }
}
