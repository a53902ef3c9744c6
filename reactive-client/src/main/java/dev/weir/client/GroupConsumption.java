package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.PartitionError;
import dev.weir.core.topic.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/**
 * One subscription as a member of a group: reads what it is assigned, commits what is acknowledged,
 * drains what is taken back. Owned by its loop, which is also the thread that calls the subscriber.
 */
final class GroupConsumption
    implements OpenSubscription,
        MemberListener,
        Delivery.Owner,
        PartitionFetcher.Reader,
        ConsumerControl.Target {
  private final PartitionLoop loop;
  private final ConsumerSettings<?, ?> settings;
  private final GroupSubscription subscription;
  private final GroupMember member;
  private final GroupOutlet outlet;
  private final Runnable onEnd;
  private final GroupLanes lanes;
  private final GroupCommits commits;
  private final Sinks.Empty<Void> ended = Sinks.empty();
  private @Nullable Disposable gate;
  private boolean started;
  private boolean ending;
  private boolean leaving;
  private boolean over;

  GroupConsumption(
      PartitionLoop loop,
      ConsumerSettings<?, ?> settings,
      GroupSubscription subscription,
      Function<MemberListener, GroupMember> members,
      Function<GroupConsumption, GroupOutlet> outlets,
      Runnable onEnd) {
    this.loop = loop;
    this.settings = settings;
    this.subscription = subscription;
    this.member = members.apply(new PostedMemberListener(loop, this));
    this.lanes =
        new GroupLanes(subscription, lane -> ClientThreads.post(loop, () -> onAcknowledged(lane)));
    this.commits = new GroupCommits(member, lanes.values(), this::onCommitDone);
    this.onEnd = onEnd;
    this.outlet = outlets.apply(this);
  }

  /** What the subscriber gets. */
  Subscription subscription() {
    return outlet.subscription();
  }

  @Override
  public void onDemand() {
    if (!started && !ending) {
      started = true;
      openGate();
      tick();
      member.start();
    }
  }

  @Override
  public void onDelivered() {
    if (!ending) {
      long settled = 0;
      for (GroupLane lane : lanes.values()) {
        settled += lane.newlySettled();
      }
      if (settled >= subscription.commits().afterRecords()) {
        commits.commit();
      }
    }
  }

  @Override
  public void onCancel() {
    end(null);
  }

  @Override
  public void onBroken(RuntimeException reason) {
    end(reason);
  }

  @Override
  public Mono<Void> close() {
    WeirException reason = ClientThreads.clientClosed();
    return ClientThreads.post(loop, () -> end(reason)) ? ended.asMono() : Mono.empty();
  }

  @Override
  public void onFrames(PartitionFetcher fetcher) {
    GroupLane lane = lanes.of(fetcher.partition());
    if (lane != null) {
      outlet.deliver(lane);
    }
  }

  @Override
  public void onPosition(PartitionFetcher fetcher, long offset) {
    GroupLane lane = lanes.of(fetcher.partition());
    if (lane != null) {
      lane.acks().startAt(offset);
    }
  }

  @Override
  public void onFailure(PartitionFetcher fetcher, WeirException reason) {
    onFrames(fetcher); // what was read before is delivered first
    end(reason);
  }

  /** Has an offset of the lane committed soon. */
  void commitSoon() {
    ClientThreads.post(loop, commits::commit);
  }

  /** What wakes a lane when its acknowledgements were waited for. */
  private void onAcknowledged(GroupLane lane) {
    lane.acks().onWoken();
    if (ending) {
      return;
    }
    if (lane.isDraining()) {
      finishDrains();
    } else {
      outlet.deliver(lane);
    }
  }

  @Override
  public void onJoined(List<AssignedPartition> added, List<GroupPartition> lost) {
    lose(lost);
    assign(added);
    commits.onConnected();
  }

  @Override
  public void onAssigned(List<AssignedPartition> partitions) {
    assign(partitions);
  }

  @Override
  public void onRevoke(List<GroupPartition> partitions, Duration deadline) {
    List<GroupLane> revoked = new ArrayList<>();
    List<GroupPartition> notHeld = new ArrayList<>();
    for (GroupPartition partition : partitions) {
      GroupLane lane = lanes.get(partition);
      if (lane == null) {
        notHeld.add(partition);
      } else if (!lane.isDraining()) {
        revoked.add(lane);
      }
    }
    if (!notHeld.isEmpty()) {
      member.drained(notHeld);
    }
    if (ending || revoked.isEmpty()) {
      return;
    }
    revoked.forEach(outlet::remove);
    revoked.forEach(GroupLane::drain);
    tell(subscription.listener()::onRevoked, revoked);
    // What is left of the deadline is for the last commit.
    loop.schedule(
        deadline.minus(min(deadline.dividedBy(4), Duration.ofSeconds(2))),
        () -> {
          revoked.forEach(GroupLane::endDrain);
          finishDrains();
        });
    finishDrains();
  }

  @Override
  public void onCommitted(long correlationId, List<PartitionError> errors) {
    commits.onCommitted(correlationId, errors);
  }

  @Override
  public void onDisconnected() {
    commits.onDisconnected();
  }

  @Override
  public void onLost() {
    commits.onDisconnected();
    lose(lanes.keys());
  }

  @Override
  public void onLeft() {
    finish();
  }

  @Override
  public void onFailed(WeirException reason) {
    end(reason);
    finish();
  }

  @Override
  public Mono<Void> seek(TopicPartition partition, StartingPosition position) {
    return inLoop(
        sink -> {
          GroupLane lane = lanes.of(partition);
          if (lane == null || lane.isDraining()) {
            sink.error(
                new WeirException(
                    ErrorCode.NOT_OWNER, partition + " is not read by this subscription now"));
          } else {
            lane.restartAt(position);
            outlet.restart(lane);
            sink.success();
          }
        });
  }

  @Override
  public Mono<Void> commit() {
    return inLoop(commits::commit);
  }

  @Override
  public Mono<List<PartitionProgress>> progress() {
    return inLoop(sink -> sink.success(lanes.values().stream().map(GroupLane::progress).toList()));
  }

  private <T> Mono<T> inLoop(Consumer<MonoSink<T>> task) {
    return Mono.create(
        sink -> {
          Runnable unlessEnded =
              () -> {
                if (ending) {
                  sink.error(ConsumerControl.notRunning());
                } else {
                  task.accept(sink);
                }
              };
          if (!ClientThreads.post(loop, unlessEnded)) {
            sink.error(ConsumerControl.notRunning());
          }
        });
  }

  private void openGate() {
    if (subscription.gate() != null) {
      outlet.pause(true);
      gate =
          Flux.from(subscription.gate())
              .subscribe(
                  open -> ClientThreads.post(loop, () -> outlet.pause(!open)),
                  error -> ClientThreads.post(loop, () -> end(error)),
                  () -> ClientThreads.post(loop, () -> outlet.pause(false)));
    }
  }

  private void tick() {
    loop.schedule(
        subscription.commits().interval(),
        () -> {
          if (!ending) {
            commits.commit();
            tick();
          }
        });
  }

  private void assign(List<AssignedPartition> partitions) {
    if (ending || partitions.isEmpty()) {
      return;
    }
    List<GroupLane> added = new ArrayList<>();
    for (AssignedPartition partition : partitions) {
      added.add(lanes.add(partition));
    }
    tell(subscription.listener()::onAssigned, added);
    FetchPlan plan = FetchPlan.of(settings, lanes.size());
    outlet.replan(plan);
    for (GroupLane lane : added) {
      if (!ending) {
        outlet.add(lane, plan);
      }
    }
  }

  private void lose(List<GroupPartition> partitions) {
    List<GroupLane> lost = new ArrayList<>();
    for (GroupPartition partition : partitions) {
      GroupLane lane = lanes.remove(partition);
      if (lane != null) {
        outlet.remove(lane);
        lost.add(lane);
      }
    }
    if (!lost.isEmpty() && !ending) {
      tell(subscription.listener()::onLost, lost);
      outlet.replan(FetchPlan.of(settings, lanes.size()));
    }
  }

  /** Gives up the partitions that are drained and stored. */
  private void finishDrains() {
    List<GroupPartition> drained = new ArrayList<>();
    boolean store = false;
    for (GroupLane lane : lanes.values()) {
      if (lane.isDraining() && !lane.isInHand()) {
        if (lane.unstored() == null) {
          drained.add(lane.key());
        } else {
          store = true;
        }
      }
    }
    if (!drained.isEmpty()) {
      drained.forEach(lanes::remove);
      member.drained(drained);
      outlet.replan(FetchPlan.of(settings, lanes.size()));
    }
    if (store) {
      commits.commit();
    }
  }

  private void onCommitDone() {
    List<GroupPartition> taken = new ArrayList<>();
    for (GroupLane lane : List.copyOf(lanes.values())) {
      WeirException refusal = lane.refusal();
      if (refusal != null && !lane.isDraining()) {
        if (refusal.code() != ErrorCode.NOT_OWNER) {
          end(refusal);
          return;
        }
        taken.add(lane.key());
      }
    }
    if (!taken.isEmpty()) {
      member.drained(taken); // so that they can be assigned again
      lose(taken);
    }
    finishDrains();
    for (GroupLane lane : lanes.values()) {
      if (lane.isWatched()) {
        outlet.deliver(lane);
      }
    }
  }

  private void end(@Nullable Throwable reason) {
    if (ending) {
      return;
    }
    ending = true;
    if (gate != null) {
      gate.dispose();
    }
    ConsumerControl control = subscription.control();
    if (control != null) {
      control.unbind(this);
    }
    if (started) {
      loop.schedule(subscription.commits().closeTimeout(), this::leave);
      Mono.<Void>create(commits::commit).subscribe(done -> {}, error -> leave(), this::leave);
    } else {
      finish();
    }
    outlet.end(reason);
  }

  private void leave() {
    if (!leaving && !over) {
      leaving = true;
      commits.end();
      member.leave(min(subscription.commits().closeTimeout(), Duration.ofSeconds(2)));
    }
  }

  private void finish() {
    if (!over) {
      over = true;
      commits.end();
      onEnd.run();
      ended.tryEmitEmpty();
    }
  }

  private void tell(Consumer<List<TopicPartition>> listener, Collection<GroupLane> about) {
    try {
      listener.accept(about.stream().map(lane -> lane.target().name()).toList());
    } catch (RuntimeException e) {
      end(e);
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
