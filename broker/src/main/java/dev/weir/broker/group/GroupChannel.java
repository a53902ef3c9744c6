package dev.weir.broker.group;

import dev.weir.broker.control.ControlMessages;
import dev.weir.broker.route.Caller;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RequestSize;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A member's channel: requests come on the event loop and are dealt with in the loop of the group's
 * shard, events leave from there. So many requests may be unanswered at once, and so many events
 * unread.
 */
final class GroupChannel extends BaseSubscriber<InboundMessage> implements MemberChannel {
  private static final int CREDITS = 8;
  private static final int MOST_UNREAD = 64;
  private static final int MOST_REQUEST_BYTES = 1 << 20;

  /** As objects a request takes so many times its bytes. */
  private static final int OBJECT_FACTOR = 4;

  /** RSocket stalls a stream beyond 2^31 - 1. */
  private static final long CREDITS_PER_CHANNEL = 1L << 30;

  private final GroupCoordinators coordinators;
  private final Caller caller;
  private final Sinks.Empty<OutboundMessage> aborted = Sinks.empty();
  private @Nullable FluxSink<OutboundMessage> events;

  // Guarded by this: the shard is found on another thread than requests come on.
  private final Deque<Integer> held = new ArrayDeque<>(); // bytes of requests, in their order
  private final Deque<Integer> unread = new ArrayDeque<>(); // bytes of events, in their order
  private boolean disposed;
  private final Deque<GroupRequest> waiting = new ArrayDeque<>();
  private @Nullable GroupShard shard;
  private boolean joined;
  private boolean gone;
  private long granted = CREDITS;

  GroupChannel(GroupCoordinators coordinators, Caller caller) {
    this.coordinators = coordinators;
    this.caller = caller;
  }

  void start(Flux<InboundMessage> requests, FluxSink<OutboundMessage> sink, Draining draining) {
    events = sink;
    Draining.Registration registration =
        draining.onDrain(
            () -> end(new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down")));
    sink.onDispose(
        () -> {
          registration.cancel();
          cancel();
          leaveShard();
          dropUnread();
        });
    if (!isDisposed()) { // the broker may be draining already
      requests.subscribe(this);
    }
  }

  /** Ends before what is unread is read. */
  Mono<OutboundMessage> aborted() {
    return aborted.asMono();
  }

  /** An event has left for the member. */
  synchronized void onDelivered() {
    if (!disposed) {
      caller.inbound().release(unread.remove());
    }
  }

  private synchronized void dropUnread() {
    disposed = true;
    unread.forEach(caller.inbound()::release);
    unread.clear();
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    request(CREDITS);
  }

  @Override
  protected void hookOnNext(InboundMessage message) {
    GroupRequest.Builder request = GroupRequest.newBuilder();
    try (message) {
      RequestSize.require(message, MOST_REQUEST_BYTES);
      hold(message.sizeInBytes() * OBJECT_FACTOR);
      ControlMessages.read(message, caller.connection().isJson(), request);
      take(request.build());
    } catch (WeirException e) {
      end(e);
    }
  }

  @Override
  protected void hookOnComplete() {
    end(null); // without the end of the session: its grace begins
  }

  @Override
  protected void hookOnError(Throwable failure) {
    end(null); // the connection is going
  }

  @Override
  public void send(GroupEvent event) {
    if (!mayWait(event.getSerializedSize())) {
      aborted.tryEmitError(
          new WeirException(
              ErrorCode.OVERLOADED, "the member has events waiting and does not read them"));
      return;
    }
    sink().next(ControlMessages.write(event, caller.connection().isJson()));
  }

  @Override
  public void onProcessed() {
    boolean isSpent;
    synchronized (this) {
      isSpent = ++granted > CREDITS_PER_CHANNEL;
      if (!gone) {
        caller.inbound().release(held.remove());
      }
    }
    if (isSpent) {
      end(
          new WeirException(
              ErrorCode.RESUBSCRIBE,
              "this channel has lasted long enough; join again on another, with the same epoch"));
    } else {
      request(1);
    }
  }

  @Override
  public void end(@Nullable WeirException reason) {
    leaveShard();
    if (reason == null) {
      sink().complete();
    } else {
      sink().error(reason);
    }
  }

  private synchronized boolean mayWait(int bytes) {
    if (disposed || unread.size() >= MOST_UNREAD || !caller.inbound().tryReserve(bytes)) {
      return false;
    }
    unread.add(bytes);
    return true;
  }

  private synchronized void hold(int bytes) {
    if (gone) {
      return;
    }
    if (!caller.inbound().tryReserve(bytes)) {
      throw caller.inbound().overloaded();
    }
    held.add(bytes);
  }

  private void take(GroupRequest request) {
    boolean isFirst;
    synchronized (this) {
      if (gone) {
        return;
      }
      isFirst = !joined;
      joined = true;
      if (!isFirst) {
        if (shard == null) {
          waiting.add(request); // no more than there are credits
        } else {
          shard.request(this, request);
        }
        return;
      }
    }
    if (!request.hasJoin()) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "the first request of a group channel is a join, not " + request.getKindCase());
    }
    if (request.getJoin().getGroup().isEmpty()) {
      throw new WeirException(ErrorCode.INVALID_REQUEST, "the join names no group");
    }
    var unused =
        coordinators
            .shardOf(request.getJoin().getGroup())
            .whenComplete((found, failure) -> onShard(found, failure, request.getJoin()));
  }

  private void onShard(@Nullable GroupShard found, @Nullable Throwable failure, GroupJoin join) {
    if (found == null) {
      end(asWeirException(failure));
      return;
    }
    try {
      synchronized (this) {
        if (gone) {
          return;
        }
        shard = found;
        found.join(this, caller.address(), join);
        waiting.forEach(request -> found.request(this, request));
        waiting.clear();
      }
    } catch (WeirException e) {
      end(e);
    }
  }

  private static WeirException asWeirException(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof WeirException known
        ? known
        : new WeirException(
            ErrorCode.INTERNAL, "the group's coordinator could not be found", cause);
  }

  private void leaveShard() {
    @Nullable GroupShard left;
    synchronized (this) {
      gone = true;
      waiting.clear();
      held.forEach(caller.inbound()::release);
      held.clear();
      left = shard;
    }
    if (left != null) {
      try {
        left.disconnected(this);
      } catch (WeirException shuttingDown) {
        // it has ended with everything else
      }
    }
  }

  private FluxSink<OutboundMessage> sink() {
    return Objects.requireNonNull(events);
  }
}
