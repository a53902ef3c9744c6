package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupDrained;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupHeartbeat;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupJoined;
import dev.weir.core.protocol.GroupLeave;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One member of a group, as its coordinator sees it: joins, shows that it lives, comes back after
 * the connection broke, and starts anew when it was removed. Owned by the client's timer loop, so
 * that no application can keep it from its heartbeats.
 */
final class GroupMembership implements GroupMember, GroupWire.Listener {
  private static final Duration MIN_HEARTBEAT = Duration.ofMillis(50);

  private final PartitionLoop loop;
  private final Time time;
  private final GroupWire.Opener wires;
  private final GroupSubscription subscription;
  private final GroupPatience patience;
  private final Backoff backoff;
  private final MemberListener listener;
  private final String memberId = UUID.randomUUID().toString();
  private final Set<GroupPartition> owned = new LinkedHashSet<>();
  private @Nullable GroupWire wire;
  private PartitionLoop.@Nullable Timer
      alarm; // of the attempt, the heartbeat, the pause or the end
  private int epoch; // 0: never joined, or removed since
  private boolean joined; // over the wire there is
  private boolean leaving;
  private boolean over;
  private boolean failing;
  private long failingSinceNanos;
  private int unansweredCommits;
  private long commitSinceNanos;

  GroupMembership(
      PartitionLoop loop,
      Time time,
      GroupWire.Opener wires,
      GroupSubscription subscription,
      GroupPatience patience,
      Backoff backoff,
      MemberListener listener) {
    this.loop = loop;
    this.time = time;
    this.wires = wires;
    this.subscription = subscription;
    this.patience = patience;
    this.backoff = backoff;
    this.listener = listener;
  }

  @Override
  public void start() {
    ClientThreads.post(loop, this::join);
  }

  @Override
  public void commit(long correlationId, List<GroupOffset> offsets) {
    ClientThreads.post(loop, () -> sendCommit(correlationId, offsets));
  }

  @Override
  public void drained(List<GroupPartition> partitions) {
    ClientThreads.post(loop, () -> sendDrained(partitions));
  }

  @Override
  public void leave(Duration deadline) {
    ClientThreads.post(loop, () -> sendLeave(deadline));
  }

  private void sendCommit(long correlationId, List<GroupOffset> offsets) {
    GroupWire to = wire;
    if (joined && to != null) {
      if (unansweredCommits++ == 0) {
        commitSinceNanos = time.nanos();
      }
      to.send(
          GroupRequest.newBuilder()
              .setCommit(
                  GroupCommit.newBuilder()
                      .setCorrelationId(correlationId)
                      .setMemberEpoch(epoch)
                      .addAllOffsets(offsets))
              .build());
    }
  }

  /** After a reconnection they are not claimed any more. */
  private void sendDrained(List<GroupPartition> partitions) {
    partitions.forEach(owned::remove);
    GroupWire to = wire;
    if (joined && to != null) {
      to.send(
          GroupRequest.newBuilder()
              .setDrained(GroupDrained.newBuilder().addAllPartitions(partitions))
              .build());
    }
  }

  /** A static member only goes away. */
  private void sendLeave(Duration deadline) {
    if (over) {
      return;
    }
    leaving = true;
    GroupWire to = wire;
    if (!joined || to == null || subscription.member().isStatic()) {
      end();
      listener.onLeft();
      return;
    }
    to.send(GroupRequest.newBuilder().setLeave(GroupLeave.getDefaultInstance()).build());
    setAlarm(
        deadline,
        () -> {
          end();
          listener.onLeft();
        });
  }

  @Override
  public void onEvent(GroupWire source, GroupEvent event) {
    ClientThreads.post(
        loop,
        () -> {
          if (source == wire && !over) {
            apply(event);
          }
        });
  }

  @Override
  public void onEnd(GroupWire source, @Nullable Throwable reason) {
    ClientThreads.post(
        loop,
        () -> {
          if (source == wire && !over) {
            onWireEnd(reason);
          }
        });
  }

  private void join() {
    GroupWire opened = wires.open(subscription.group(), this);
    wire = opened;
    MemberSettings member = subscription.member();
    opened.send(
        GroupRequest.newBuilder()
            .setJoin(
                GroupJoin.newBuilder()
                    .setGroup(subscription.group())
                    .setMemberId(memberId)
                    .setInstanceId(member.instanceId())
                    .setMemberEpoch(epoch)
                    .addAllTopics(subscription.topics())
                    .setAssignor(member.assignor())
                    .setSessionTimeoutMs((int) member.sessionTimeout().toMillis())
                    .setDrainTimeoutMs((int) member.drainTimeout().toMillis())
                    .setClientId(patience.clientId())
                    .addAllOwned(owned))
            .build());
    setAlarm(
        patience.attempt(),
        () -> onWireEnd(new WeirException(ErrorCode.TIMED_OUT, what() + " was not answered")));
  }

  private void apply(GroupEvent event) {
    switch (event.getKindCase()) {
      case JOINED -> onJoined(event.getJoined());
      case ASSIGNED -> {
        List<AssignedPartition> added = new ArrayList<>();
        for (AssignedPartition partition : event.getAssigned().getPartitionsList()) {
          if (owned.add(key(partition))) {
            added.add(partition);
          }
        }
        listener.onAssigned(added);
      }
      case REVOKE ->
          listener.onRevoke(
              event.getRevoke().getPartitionsList(),
              Duration.ofMillis(event.getRevoke().getDeadlineMs()));
      case COMMITTED -> {
        unansweredCommits = Math.max(0, unansweredCommits - 1);
        commitSinceNanos = time.nanos();
        listener.onCommitted(
            event.getCommitted().getCorrelationId(), event.getCommitted().getErrorsList());
      }
      case KIND_NOT_SET -> {
        // something newer that this version need not know
      }
    }
  }

  private void onJoined(GroupJoined answer) {
    patience.onAnswer();
    failing = false;
    backoff.reset();
    joined = true;
    epoch = answer.getMemberEpoch();
    unansweredCommits = 0;
    List<AssignedPartition> added = new ArrayList<>();
    Set<GroupPartition> kept = new LinkedHashSet<>();
    for (AssignedPartition partition : answer.getOwnedList()) {
      GroupPartition key = key(partition);
      kept.add(key);
      if (!owned.contains(key)) {
        added.add(partition);
      }
    }
    List<GroupPartition> lost = owned.stream().filter(each -> !kept.contains(each)).toList();
    owned.clear();
    owned.addAll(kept);
    Duration interval = Duration.ofMillis(answer.getHeartbeatIntervalMs());
    beatEvery(interval.compareTo(MIN_HEARTBEAT) < 0 ? MIN_HEARTBEAT : interval);
    listener.onJoined(added, lost);
  }

  private void beatEvery(Duration interval) {
    setAlarm(
        interval,
        () -> {
          GroupWire to = wire;
          if (to == null) {
            return;
          }
          if (unansweredCommits > 0
              && time.nanos() - commitSinceNanos >= patience.attempt().toNanos()) {
            onWireEnd(new WeirException(ErrorCode.TIMED_OUT, what() + " answers no commit"));
            return;
          }
          if (!to.isBehind()) {
            to.send(
                GroupRequest.newBuilder()
                    .setHeartbeat(GroupHeartbeat.getDefaultInstance())
                    .build());
          }
          beatEvery(interval);
        });
  }

  private void onWireEnd(@Nullable Throwable error) {
    closeWire(); // a channel that the coordinator has completed is still open on our side
    joined = false;
    if (leaving) {
      end();
      listener.onLeft();
      return;
    }
    WeirException reason = reasonOf(error);
    boolean fenced = reason.code() == ErrorCode.FENCED_MEMBER_EPOCH;
    if (fenced && subscription.member().isStatic()) {
      fail(reason);
    } else if (fenced || reason.code() == ErrorCode.UNKNOWN_MEMBER) {
      epoch = 0;
      owned.clear();
      listener.onLost();
      again(reason);
    } else if (reason.code().retriable()) {
      listener.onDisconnected();
      again(reason);
    } else {
      fail(reason);
    }
  }

  private void again(WeirException reason) {
    long now = time.nanos();
    if (!failing) {
      failing = true;
      failingSinceNanos = now;
    }
    Duration pause = backoff.next();
    if (now - failingSinceNanos + pause.toNanos() >= patience.total().toNanos()) {
      fail(reason);
    } else {
      setAlarm(pause, this::join);
    }
  }

  private WeirException reasonOf(@Nullable Throwable error) {
    if (error instanceof WeirException weir) {
      return weir;
    }
    return error == null
        ? new WeirException(ErrorCode.CONNECTION_LOST, what() + " was ended by the coordinator")
        : new WeirException(ErrorCode.INTERNAL, what() + " failed: " + error, error);
  }

  private void fail(WeirException reason) {
    end();
    listener.onFailed(reason);
  }

  private void end() {
    over = true;
    joined = false;
    if (alarm != null) {
      alarm.cancel();
    }
    closeWire();
  }

  private void closeWire() {
    GroupWire last = wire;
    wire = null;
    if (last != null) {
      last.close();
    }
  }

  private void setAlarm(Duration delay, Runnable task) {
    if (alarm != null) {
      alarm.cancel();
    }
    alarm =
        loop.schedule(
            delay,
            () -> {
              if (!over) {
                task.run();
              }
            });
  }

  private String what() {
    return "the membership in group '" + subscription.group() + "'";
  }

  private static GroupPartition key(AssignedPartition partition) {
    return GroupPartition.newBuilder()
        .setTopicId(partition.getCommitted().getTopicId())
        .setPartition(partition.getCommitted().getPartition())
        .build();
  }
}
