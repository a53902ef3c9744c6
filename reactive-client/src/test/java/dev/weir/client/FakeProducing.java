package dev.weir.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.core.protocol.ThrottleCause;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.topic.TopicPartition;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import dev.weir.transport.rsocket.PeerConnection;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** How a {@link FakeBroker} takes batches; its fields are under the broker's lock. */
final class FakeProducing implements AutoCloseable {
  Fault.Script script = (partition, batch) -> Fault.NONE;
  int credit = 16;
  int batchesPerChannel = Integer.MAX_VALUE;
  boolean completesChannels = true;
  ThrottleCause throttledBy = ThrottleCause.THROTTLE_NONE;
  private final FakeBroker broker;
  private final ThreadLoop timer = new ThreadLoop("weir-fake-timer", Throwable::printStackTrace);
  private final AtomicInteger produceRequests = new AtomicInteger();

  FakeProducing(FakeBroker broker) {
    this.broker = broker;
  }

  int channels() {
    return produceRequests.get();
  }

  void produce(PeerConnection connection, InboundMessage message) {
    produce(connection, parse(message), message.data(), result -> {});
  }

  Flux<OutboundMessage> channel(PeerConnection connection, Flux<InboundMessage> all) {
    produceRequests.incrementAndGet();
    return Flux.create(sink -> all.subscribe(new Batches(connection, sink)));
  }

  @Override
  public void close() {
    timer.close();
  }

  /** The answer to a batch, or null for none. */
  private ProduceResult produce(
      PeerConnection connection, ProduceHeader header, ByteBuffer data, Answers answers) {
    synchronized (broker) {
      return underLock(connection, header, data, answers);
    }
  }

  private ProduceResult underLock(
      PeerConnection connection, ProduceHeader header, ByteBuffer data, Answers answers) {
    FakeBroker.Topic topic;
    try {
      topic = broker.topicOf(header.getTopicId());
    } catch (WeirException e) {
      return FakeLog.error(e.code(), e.getMessage())
          .setCorrelationId(header.getCorrelationId())
          .build();
    }
    FakeLog log = topic.partitions().get(header.getPartition());
    RecordBatch batch = RecordBatch.at(data, data.position());
    Fault fault = script.next(new TopicPartition(topic.name(), header.getPartition()), batch);
    if (fault instanceof Fault.DropBefore) {
      connection.close("dropped before the append");
      return null;
    }
    if (fault instanceof Fault.Swallow) {
      return null;
    }
    ProduceResult.Builder result;
    if (fault instanceof Fault.Refuse refusal) {
      result = FakeLog.error(refusal.code(), "refused by the test");
    } else {
      result = log.append(data);
      broker.fetches().forEach(FakeFetch::pump);
    }
    ProduceResult answer =
        result
            .setCorrelationId(header.getCorrelationId())
            .setThrottledBy(throttledBy)
            .setCredits(3)
            .build();
    if (fault instanceof Fault.DropAfter) {
      connection.close("dropped after the append");
      return null;
    }
    if (fault instanceof Fault.NoAnswer) {
      return null;
    }
    if (fault instanceof Fault.Delay late) {
      timer.execute(() -> timer.schedule(late.delay(), () -> answers.send(answer)));
      return null;
    }
    if (fault instanceof Fault.AnswerTwice) {
      answers.send(answer);
    }
    return answer;
  }

  private interface Answers {
    void send(ProduceResult result);
  }

  private static ProduceHeader parse(InboundMessage message) {
    try {
      return ProduceHeader.parseFrom(message.header());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One produce channel. */
  private final class Batches extends BaseSubscriber<InboundMessage> {
    private final PeerConnection connection;
    private final FluxSink<OutboundMessage> sink;
    private int grantable;
    private int open; // granted or not answered

    Batches(PeerConnection connection, FluxSink<OutboundMessage> sink) {
      this.connection = connection;
      this.sink = sink;
      sink.onDispose(this);
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      synchronized (broker) {
        grantable = batchesPerChannel;
      }
      grant(credit);
    }

    @Override
    protected void hookOnNext(InboundMessage message) {
      try (message) {
        ProduceResult result = produce(connection, parse(message), message.data(), this::send);
        if (result != null) {
          send(result);
        }
      }
      open--;
      grant(1);
      if (open == 0 && completesChannels) {
        sink.complete();
      }
    }

    private void grant(int batches) {
      int granted = Math.min(batches, grantable);
      if (granted > 0) {
        grantable -= granted;
        open += granted;
        request(granted);
      }
    }

    @Override
    protected void hookOnComplete() {
      sink.complete();
    }

    @Override
    protected void hookOnError(Throwable error) {
      sink.complete();
    }

    private void send(ProduceResult result) {
      sink.next(OutboundMessage.ofHeader(ByteBuffer.wrap(result.toByteArray())));
    }
  }
}
