package dev.weir.broker.group;

import dev.weir.broker.group.state.Done;
import dev.weir.broker.group.state.Effect;
import dev.weir.broker.group.state.GroupMachine;
import dev.weir.broker.group.state.GroupRecord;
import dev.weir.broker.group.state.Result;
import dev.weir.broker.group.state.TopicsView;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one partition of {@code __consumer_offsets}. Loads them from the log, then takes
 * requests; when the log cannot be trusted any more it ends, with every channel, and another one
 * takes its place. Lives on the partition's loop; its public methods may be called by any thread.
 */
final class GroupShard {
  private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);
  private static final Duration TICK = Duration.ofMillis(250);

  /** What shards share. */
  record Shared(
      Supplier<GroupMachine> machines,
      Executor readExecutor,
      Time time,
      Supplier<TopicsView> topics,
      GroupCounters counters,
      Consumer<GroupShard> onEnded) {}

  private enum Phase {
    LOADING,
    ACTIVE,
    ENDED
  }

  private final HostedPartition partition;
  private final Shared shared;
  private final GroupMachine machine;
  private final ShardLog log;
  private final Map<Long, MemberChannel> channels = new HashMap<>();
  private final Map<MemberChannel, Long> numbers = new HashMap<>();
  private final Runnable watcher = this::onPartitionState;
  private Phase phase = Phase.LOADING;
  private @Nullable WeirException ended;
  private long nextChannel = 1;
  private PartitionLoop.@Nullable Timer timer;
  private long timerDue;
  private boolean settling;
  private int groups;
  private int members;

  GroupShard(HostedPartition partition, Shared shared) {
    this.partition = partition;
    this.shared = shared;
    this.machine = shared.machines().get();
    this.log = new ShardLog(partition, shared.time(), this::onLost);
  }

  HostedPartition partition() {
    return partition;
  }

  /** Once. */
  void begin() {
    partition.execute(
        () -> {
          partition.watch(watcher);
          onPartitionState();
          new ShardLoader(partition, shared.readExecutor(), new Loading()).start();
        });
  }

  /** Answers in the loop, when everything it rests on is durable. */
  <T> CompletableFuture<T> ask(Function<GroupMachine, Result<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    partition.execute(
        () -> run(() -> question.apply(machine), answer::complete, answer::completeExceptionally));
    return answer;
  }

  /** A member comes; its channel is ended when it is refused. */
  void join(MemberChannel channel, String address, GroupJoin request) {
    partition.execute(
        () -> {
          long number = nextChannel++;
          channels.put(number, channel);
          numbers.put(channel, number);
          run(
              () -> machine.join(number, address, request),
              done -> channel.onProcessed(),
              refused -> drop(number, refused));
        });
  }

  /** Anything else that a member says. */
  void request(MemberChannel channel, GroupRequest request) {
    partition.execute(
        () -> {
          Long number = numbers.get(channel);
          if (number == null) {
            return; // it has ended
          }
          int[] errors = new int[1];
          run(
              () -> {
                Result<Done> result = machine.request(number, request);
                result.effects().forEach(effect -> errors[0] += GroupCounters.errors(effect));
                return result;
              },
              done -> {
                shared.counters().onCommit(request.getCommit().getOffsetsCount(), errors[0]);
                channel.onProcessed();
              },
              refused -> onRefused(number, channel, request, refused));
        });
  }

  /** The channel is gone. */
  void disconnected(MemberChannel channel) {
    partition.execute(
        () -> {
          Long number = numbers.remove(channel);
          if (number != null) {
            channels.remove(number);
            if (phase == Phase.ACTIVE) {
              machine.disconnected(number);
            }
          }
        });
  }

  /** The topics of the cluster have changed. */
  void topics(TopicsView topics) {
    partition.execute(
        () -> {
          if (phase == Phase.ACTIVE) {
            run(() -> machine.topics(topics), done -> {}, GroupShard::logUndone);
          }
        });
  }

  /** Forgets what has been kept for long enough. */
  void expire(long nowMillis) {
    partition.execute(
        () -> {
          if (phase == Phase.ACTIVE) {
            run(
                () -> machine.admin().expire(nowMillis),
                expired -> {
                  if (expired > 0) {
                    expire(nowMillis);
                  }
                },
                GroupShard::logUndone);
          }
        });
  }

  private void onRefused(
      long number, MemberChannel channel, GroupRequest request, WeirException refused) {
    if (request.hasCommit() && phase == Phase.ACTIVE) {
      int offsets = request.getCommit().getOffsetsCount();
      shared.counters().onCommit(offsets, offsets);
      deliver(GroupMachine.commitFailed(number, request.getCommit(), refused));
      channel.onProcessed();
    } else {
      drop(number, refused);
    }
  }

  private void drop(long number, WeirException reason) {
    MemberChannel channel = channels.remove(number);
    if (channel != null) {
      numbers.remove(channel);
      channel.end(reason);
    }
    if (phase == Phase.ACTIVE) {
      machine.disconnected(number);
    }
  }

  private <T> void run(
      Supplier<Result<T>> request, Consumer<T> answered, Consumer<WeirException> refused) {
    if (phase != Phase.ACTIVE) {
      refused.accept(notActive());
      return;
    }
    try {
      take(request.get(), answered, refused);
    } catch (WeirException e) {
      refused.accept(e);
    } catch (RuntimeException e) {
      LOG.error("a request to the groups of {} failed", partition, e);
      WeirException internal =
          new WeirException(
              ErrorCode.INTERNAL, "the groups of " + partition + " failed unexpectedly", e);
      refused.accept(internal);
      end(internal);
    }
    if (phase == Phase.ACTIVE) {
      afterTurn();
    }
  }

  private <T> void take(Result<T> result, Consumer<T> answered, Consumer<WeirException> refused) {
    if (!result.records().isEmpty()) {
      log.append(result.records());
      for (GroupRecord record : result.records()) {
        machine.replay(record);
      }
    }
    result.afterReplay().run();
    log.afterwards(
        new ShardLog.Held() {
          @Override
          public void release() {
            result.effects().forEach(GroupShard.this::deliver);
            answered.accept(result.answer());
          }

          @Override
          public void fail(WeirException reason) {
            refused.accept(reason);
          }
        });
  }

  private void deliver(Effect effect) {
    @Nullable MemberChannel channel = channels.get(effect.channel());
    if (channel == null) {
      return;
    }
    if (effect instanceof Effect.Send send) {
      channel.send(send.event());
    } else if (effect instanceof Effect.End end) {
      channels.remove(end.channel());
      numbers.remove(channel);
      channel.end(end.code() == null ? null : new WeirException(end.code(), end.message()));
    }
  }

  private void afterTurn() {
    count(machine.groupCount(), machine.memberCount());
    if (machine.unsettled() != null && !settling) {
      settling = true;
      partition.execute(this::settle); // whoever is in the queue comes first
    }
    if (timer == null && machine.hasSessions()) {
      timerDue = shared.time().nanos() + TICK.toNanos();
      timer = partition.schedule(TICK, this::onTick);
    }
  }

  private void settle() {
    settling = false;
    boolean[] refused = new boolean[1];
    while (phase == Phase.ACTIVE && !refused[0]) {
      @Nullable String group = machine.unsettled();
      if (group == null) {
        return;
      }
      settling = true; // not once more from inside
      run(
          () -> machine.settle(group),
          moved -> {
            if (moved) {
              shared.counters().onRebalance();
            }
          },
          e -> {
            logUndone(e);
            refused[0] = true; // the next tick tries again
          });
      settling = false;
    }
  }

  private void onTick() {
    timer = null;
    if (phase != Phase.ACTIVE) {
      return;
    }
    long late = shared.time().nanos() - timerDue;
    run(() -> machine.tick(late), done -> {}, GroupShard::logUndone);
  }

  private void onPartitionState() {
    if (partition.state() != HostedPartition.State.ONLINE) {
      end(partition.notServed());
    }
  }

  private void onLost(WeirException reason) {
    if (phase == Phase.ENDED) {
      log.failAll(reason);
    } else {
      end(reason);
    }
  }

  private void end(WeirException reason) {
    if (phase == Phase.ENDED) {
      return;
    }
    phase = Phase.ENDED;
    ended = reason;
    partition.unwatch(watcher);
    if (timer != null) {
      timer.cancel();
    }
    count(0, 0);
    machine.close();
    List<MemberChannel> open = new ArrayList<>(channels.values());
    channels.clear();
    numbers.clear();
    open.forEach(channel -> channel.end(reason));
    if (reason.code() != ErrorCode.SHUTTING_DOWN) {
      log.failAll(reason); // else what is on its way to the disk is still told
    }
    shared.onEnded().accept(this);
  }

  private WeirException notActive() {
    return ended != null
        ? ended
        : new WeirException(
            ErrorCode.COORDINATOR_LOADING,
            "the coordinator still reads the groups of " + partition + "; ask again");
  }

  private void count(int nowGroups, int nowMembers) {
    shared.counters().onSize(nowGroups - groups, nowMembers - members);
    groups = nowGroups;
    members = nowMembers;
  }

  private static void logUndone(WeirException reason) {
    LOG.warn("a step of consumer groups is put off: {}", reason.getMessage());
  }

  @Override
  public String toString() {
    return "groups of " + partition;
  }

  /** Hears the log. */
  private final class Loading implements ShardLoader.Listener {
    @Override
    public void onRecords(List<GroupRecord> records) {
      try {
        records.forEach(machine::replay);
      } catch (RuntimeException e) {
        LOG.error("the groups of {} cannot be replayed", partition, e);
        onFailed(
            new WeirException(
                ErrorCode.INTERNAL, "the groups of " + partition + " cannot be replayed", e));
      }
    }

    @Override
    public void onLoaded() {
      phase = Phase.ACTIVE;
      machine.start(shared.topics().get());
      LOG.debug("{} groups of {} loaded", machine.groupCount(), partition);
      afterTurn();
    }

    @Override
    public void onFailed(WeirException reason) {
      if (phase == Phase.LOADING) {
        LOG.error("the groups of {} cannot be loaded: {}", partition, reason.getMessage());
        end(reason);
      }
    }

    @Override
    public boolean isOver() {
      return phase != Phase.LOADING;
    }
  }
}
