package dev.weir.broker.fetch;

import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.subscription.OpenSubscription;
import dev.weir.transport.rsocket.OutboundMessage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** One fetch, subscribed to once by the transport; each subscription is a {@link FetchSession}. */
final class FetchStream extends Flux<OutboundMessage> {
  private final HostedPartition partition;
  private final FetchPosition from;
  private final Executor readExecutor;
  private final long maxFrames;
  private final Supplier<OpenSubscription> announcement;

  FetchStream(
      HostedPartition partition,
      FetchPosition from,
      Executor readExecutor,
      long maxFrames,
      Supplier<OpenSubscription> announcement) {
    this.partition = partition;
    this.from = from;
    this.readExecutor = readExecutor;
    this.maxFrames = maxFrames;
    this.announcement = announcement;
  }

  @Override
  public void subscribe(CoreSubscriber<? super OutboundMessage> actual) {
    FetchSession session =
        new FetchSession(partition, from, readExecutor, maxFrames, actual, announcement.get());
    actual.onSubscribe(session);
    session.schedule(); // a bad request is refused also when nothing is asked for
  }
}
