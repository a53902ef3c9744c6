package dev.weir.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.core.protocol.ThrottleCause;
import dev.weir.core.route.Routes;
import dev.weir.transport.rsocket.ClientConnection;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * Batches with acknowledgements: one {@code produce} request-channel. The broker's request(n) is
 * the credit; answers are asked for without bound, because what is unanswered is bounded here.
 */
final class ProduceChannel implements BatchWire {
  private final ClientConnection connection;
  private final Listener listener;
  private final ThrottleGauge throttles;
  private final Outgoing outgoing = new Outgoing();
  private final Answers answers = new Answers();

  private ProduceChannel(ClientConnection connection, ThrottleGauge throttles, Listener listener) {
    this.connection = connection;
    this.throttles = throttles;
    this.listener = listener;
  }

  /** Opens the channel; its first batch tells the broker of it. */
  static ProduceChannel open(
      ClientConnection connection, ThrottleGauge throttles, Listener listener) {
    ProduceChannel channel = new ProduceChannel(connection, throttles, listener);
    connection.requestChannel(Routes.PRODUCE, channel.outgoing).subscribe(channel.answers);
    return channel;
  }

  @Override
  public boolean hasRoom() {
    return outgoing.credit.get() > 0;
  }

  @Override
  public boolean mustBePolled() {
    return false;
  }

  @Override
  public void send(long correlationId, ByteBuffer header, ByteBuffer batch) {
    outgoing.send(OutboundMessage.of(header, batch));
  }

  @Override
  public void close() {
    outgoing.complete();
    answers.cancel();
  }

  @Override
  public void giveUp() {
    connection.dispose();
  }

  /** What the transport takes batches from. */
  private final class Outgoing extends Flux<OutboundMessage> implements Subscription {
    private final AtomicLong credit = new AtomicLong();
    private volatile @Nullable CoreSubscriber<? super OutboundMessage> transport;
    private volatile boolean ended;

    @Override
    public void subscribe(CoreSubscriber<? super OutboundMessage> actual) {
      transport = actual;
      actual.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      if (Operators.validate(n)) {
        credit.accumulateAndGet(n, Operators::addCap);
        listener.onRoom();
      }
    }

    @Override
    public void cancel() {
      ended = true; // the end itself is told on the side of the answers
    }

    void send(OutboundMessage message) {
      if (credit.get() != Long.MAX_VALUE) {
        credit.decrementAndGet();
      }
      CoreSubscriber<? super OutboundMessage> actual = transport;
      if (actual != null && !ended) {
        actual.onNext(message);
      }
    }

    void complete() {
      CoreSubscriber<? super OutboundMessage> actual = transport;
      if (actual != null && !ended) {
        ended = true;
        actual.onComplete();
      }
    }
  }

  private final class Answers extends BaseSubscriber<InboundMessage> {
    @Override
    protected void hookOnNext(InboundMessage message) {
      ProduceResult result;
      try (message) {
        result = ProduceResult.parseFrom(requireHeader(message));
      } catch (InvalidProtocolBufferException e) {
        throw new WeirException(
            ErrorCode.INTERNAL, "a produce result cannot be read: " + e.getMessage(), e);
      }
      throttles.onAnswer(cause(result.getThrottledBy()), result.getCredits());
      listener.onAnswer(
          result.getCorrelationId(),
          result.getError(),
          result.getErrorMessage(),
          result.getBaseOffset());
    }

    @Override
    protected void hookOnComplete() {
      listener.onRotated();
    }

    @Override
    protected void hookOnError(Throwable reason) {
      listener.onLost(reason);
    }

    private static Throttling.Cause cause(ThrottleCause cause) {
      return switch (cause) {
        case THROTTLE_NONE -> Throttling.Cause.NONE;
        case THROTTLE_MEMORY -> Throttling.Cause.BROKER_MEMORY;
        case THROTTLE_FLUSH -> Throttling.Cause.BROKER_FLUSH;
        case THROTTLE_RESULTS -> Throttling.Cause.UNREAD_RESULTS;
        case UNRECOGNIZED -> Throttling.Cause.OTHER;
      };
    }

    private static ByteBuffer requireHeader(InboundMessage message) {
      ByteBuffer header = message.header();
      if (header == null) {
        throw new WeirException(ErrorCode.INTERNAL, "a produce result came without its header");
      }
      return header;
    }
  }
}
