package dev.weir.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.protocol.BrokerInfo;
import dev.weir.core.protocol.FindCoordinatorRequest;
import dev.weir.core.protocol.FindCoordinatorResponse;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.route.Routes;
import dev.weir.transport.rsocket.ClientConnection;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * A {@code group} request-channel to the coordinator, which is asked for first. Used in its loop
 * only. What waits for the coordinator's credit is bounded by what a member has unanswered.
 */
final class GroupChannel implements GroupWire {
  private final PartitionLoop loop;
  private final GroupWire.Listener listener;
  private final Queue<GroupRequest> waiting = new ArrayDeque<>();
  private final Outgoing outgoing = new Outgoing();
  private final Events events = new Events();
  private @Nullable Disposable opening;
  private @Nullable CoreSubscriber<? super OutboundMessage> transport;
  private long credit;
  private boolean closed;

  private GroupChannel(PartitionLoop loop, GroupWire.Listener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  /** Channels of one client. */
  static GroupWire.Opener opener(Cluster cluster, PartitionLoop loop) {
    return (group, listener) -> {
      GroupChannel channel = new GroupChannel(loop, listener);
      channel.opening =
          coordinator(cluster, group)
              .subscribe(
                  broker -> ClientThreads.post(loop, () -> channel.connect(broker)),
                  error -> listener.onEnd(channel, error));
      return channel;
    };
  }

  /** One attempt to reach the group's coordinator. */
  static Mono<ClientConnection> coordinator(Cluster cluster, String group) {
    FindCoordinatorRequest question = FindCoordinatorRequest.newBuilder().setGroup(group).build();
    return cluster
        .links()
        .any()
        .flatMap(
            broker ->
                cluster
                    .requests()
                    .once(
                        broker,
                        Routes.GROUP_COORDINATOR,
                        question,
                        FindCoordinatorResponse.parser()))
        .flatMap(
            answer -> {
              BrokerInfo broker = answer.getBroker();
              return cluster.links().to(new ServerAddress(broker.getHost(), broker.getPort()));
            });
  }

  @Override
  public void send(GroupRequest request) {
    if (!closed) {
      waiting.add(request);
      pump();
    }
  }

  @Override
  public boolean isBehind() {
    return !waiting.isEmpty();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    waiting.clear();
    if (opening != null) {
      opening.dispose();
    }
    CoreSubscriber<? super OutboundMessage> actual = transport;
    if (actual != null) {
      transport = null;
      actual.onComplete();
    }
    events.cancel();
    listener.onEnd(this, null);
  }

  private void connect(ClientConnection broker) {
    if (!closed) {
      broker.requestChannel(Routes.GROUP, outgoing).subscribe(events);
    }
  }

  private void pump() {
    CoreSubscriber<? super OutboundMessage> actual = transport;
    while (actual != null && credit > 0) {
      GroupRequest next = waiting.poll();
      if (next == null) {
        return;
      }
      credit = credit == Long.MAX_VALUE ? credit : credit - 1;
      actual.onNext(OutboundMessage.of(ByteBuffer.wrap(next.toByteArray())));
    }
  }

  /** What the transport takes requests from; signals reach it from the loop only. */
  private final class Outgoing extends Flux<OutboundMessage> implements Subscription {
    @Override
    public void subscribe(CoreSubscriber<? super OutboundMessage> actual) {
      ClientThreads.post(
          loop,
          () -> {
            if (!closed) {
              transport = actual;
              pump();
            }
          });
      actual.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      if (Operators.validate(n)) {
        ClientThreads.post(
            loop,
            () -> {
              credit = Operators.addCap(credit, n);
              pump();
            });
      }
    }

    @Override
    public void cancel() {
      // The end itself is told on the side of the events.
      ClientThreads.post(loop, () -> transport = null);
    }
  }

  private final class Events extends BaseSubscriber<InboundMessage> {
    @Override
    protected void hookOnNext(InboundMessage message) {
      try (message) {
        listener.onEvent(GroupChannel.this, GroupEvent.parseFrom(message.data()));
      } catch (InvalidProtocolBufferException e) {
        throw new WeirException(
            ErrorCode.INTERNAL, "a group event cannot be read: " + e.getMessage(), e);
      }
    }

    @Override
    protected void hookOnComplete() {
      listener.onEnd(GroupChannel.this, null);
    }

    @Override
    protected void hookOnError(Throwable reason) {
      listener.onEnd(GroupChannel.this, reason);
    }
  }
}
