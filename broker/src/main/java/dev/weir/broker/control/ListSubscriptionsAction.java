package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.broker.subscription.OpenSubscription;
import dev.weir.broker.subscription.Progress.Position;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.broker.subscription.WaitCause;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ListSubscriptionsRequest;
import dev.weir.core.protocol.ListSubscriptionsResponse;
import dev.weir.core.protocol.SubscriptionInfo;
import dev.weir.core.protocol.SubscriptionPosition;
import dev.weir.replication.Isolation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Route {@code admin.subscriptions.list}: who reads here, how far, and what holds each up. */
final class ListSubscriptionsAction
    implements ControlHandler.Action<ListSubscriptionsRequest.Builder> {
  private static final int PAGE = 100;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Subscriptions subscriptions;

  ListSubscriptionsAction(Subscriptions subscriptions) {
    this.subscriptions = subscriptions;
  }

  @Override
  public CompletionStage<? extends Message> answer(ListSubscriptionsRequest.Builder request) {
    long asked = Integer.toUnsignedLong(request.getLimit());
    int limit = asked == 0 ? PAGE : (int) Math.min(asked, PAGE);
    List<OpenSubscription> found =
        subscriptions.list(request.getTopic(), request.getAfterId(), limit + 1);
    List<CompletableFuture<SubscriptionInfo>> page =
        found.stream().limit(limit).map(ListSubscriptionsAction::info).toList();
    return CompletableFuture.allOf(page.toArray(CompletableFuture[]::new))
        .thenApply(
            ignored ->
                ListSubscriptionsResponse.newBuilder()
                    .addAllSubscriptions(page.stream().map(CompletableFuture::join).toList())
                    .setMore(found.size() > limit)
                    .build());
  }

  private static CompletableFuture<SubscriptionInfo> info(OpenSubscription subscription) {
    SubscriptionInfo.Builder info =
        SubscriptionInfo.newBuilder()
            .setId(subscription.id())
            .setRemoteAddress(subscription.who().remoteAddress())
            .setRoute(subscription.who().route())
            .setTopic(subscription.who().topic())
            .setMessages(subscription.messages())
            .setConflated(subscription.conflated())
            .setAgeMillis(subscription.ageNanos() / NANOS_PER_MILLI)
            .setWaitsFor(subscription.waitsFor().label());
    for (WaitCause cause : WaitCause.values()) {
      info.putWaitedMillis(cause.label(), subscription.nanos(cause) / NANOS_PER_MILLI);
    }
    List<CompletableFuture<SubscriptionPosition>> positions = new ArrayList<>();
    subscription.positions().forEach(position -> positions.add(withLag(position)));
    return CompletableFuture.allOf(positions.toArray(CompletableFuture[]::new))
        .thenApply(
            ignored ->
                info.addAllPartitions(positions.stream().map(CompletableFuture::join).toList())
                    .build());
  }

  private static CompletableFuture<SubscriptionPosition> withLag(Position position) {
    SubscriptionPosition.Builder answer =
        SubscriptionPosition.newBuilder()
            .setPartition(position.partition().name().partition())
            .setNextOffset(position.nextOffset())
            .setLag(-1);
    if (position.nextOffset() < 0) {
      return CompletableFuture.completedFuture(answer.build());
    }
    try {
      return position
          .partition()
          .ask(replica -> replica.limitFor(Isolation.READ_UNCOMMITTED))
          .thenApply(end -> answer.setLag(Math.max(0, end - position.nextOffset())).build());
    } catch (WeirException shuttingDown) {
      return CompletableFuture.completedFuture(answer.build());
    }
  }
}
