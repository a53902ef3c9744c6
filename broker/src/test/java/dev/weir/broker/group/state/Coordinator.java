package dev.weir.broker.group.state;

import dev.weir.broker.group.format.RecordCodec;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.topic.TopicId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A machine with a log of bytes in memory: what its shard does in a broker, without a disk. It can
 * be killed at any point, and its disk can refuse.
 */
final class Coordinator {
  static final GroupSettings SETTINGS =
      new GroupSettings(
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          100,
          4096,
          Duration.ofDays(7));

  private static final Duration TICK = Duration.ofMillis(250);

  final ManualTime time = new ManualTime();
  final StateBudget budget;
  private final List<byte @Nullable []> log = new ArrayList<>();
  private final Map<String, TopicsView.Topic> topics = new TreeMap<>();
  private final Map<Long, List<GroupEvent>> events = new HashMap<>();
  private final Map<Long, Effect.End> ends = new HashMap<>();
  private GroupMachine machine;
  private boolean refusing;
  private boolean mute;
  private long nextChannel = 1;
  private long nextTopic = 1;

  Coordinator() {
    this(Long.MAX_VALUE / 2);
  }

  /**
   * @param stateBytes memory that groups may take
   */
  Coordinator(long stateBytes) {
    budget = new StateBudget(stateBytes);
    machine = new GroupMachine(time, SETTINGS, budget);
    machine.start(TopicsView.EMPTY);
  }

  GroupMachine machine() {
    return machine;
  }

  TopicId createTopic(String name, int partitions) {
    TopicId id = new TopicId(1, nextTopic++);
    topics.put(name, new TopicsView.Topic(name, id, partitions));
    run(machine.topics(new TopicsView(topics.values())));
    return id;
  }

  void deleteTopic(String name) {
    topics.remove(name);
    run(machine.topics(new TopicsView(topics.values())));
  }

  Collection<TopicsView.Topic> topics() {
    return topics.values();
  }

  /** Opens a channel; a refused join ends it. */
  long join(GroupJoin join) {
    long channel = nextChannel++;
    try {
      run(machine.join(channel, "10.0.0.1:1", join));
    } catch (WeirException e) {
      ends.put(channel, new Effect.End(channel, e.code(), String.valueOf(e.getMessage())));
    }
    return channel;
  }

  void send(long channel, GroupRequest.Builder request) {
    try {
      run(machine.request(channel, request.build()));
    } catch (WeirException e) {
      ends.put(channel, new Effect.End(channel, e.code(), String.valueOf(e.getMessage())));
      machine.disconnected(channel);
    }
  }

  void disconnect(long channel) {
    machine.disconnected(channel);
  }

  /** Time passes, and the coordinator runs meanwhile. */
  void pass(Duration duration) {
    for (Duration left = duration; !left.isNegative() && !left.isZero(); left = left.minus(TICK)) {
      time.advance(TICK);
      run(machine.tick(0));
    }
  }

  /** Time passes and the coordinator stands still. */
  void pause(Duration duration) {
    time.advance(duration);
    run(machine.tick(duration.toNanos()));
  }

  /** A new process with what is in the log. */
  void restart() {
    machine.close();
    machine = reload();
  }

  GroupMachine reload() {
    GroupMachine loaded = new GroupMachine(time, SETTINGS, budget);
    for (int i = 0; i < log.size(); i += 2) {
      byte[] value = log.get(i + 1);
      loaded.replay(
          Objects.requireNonNull(
              RecordCodec.read(
                  ByteBuffer.wrap(Objects.requireNonNull(log.get(i))),
                  value == null ? null : ByteBuffer.wrap(value))));
    }
    loaded.start(new TopicsView(topics.values()));
    return loaded;
  }

  /** From now on nothing is appended. */
  void refuse(boolean now) {
    refusing = now;
  }

  /** From now on nobody is told anything, as if the process died after its next append. */
  void mute(boolean now) {
    mute = now;
  }

  List<GroupEvent> take(long channel) {
    List<GroupEvent> taken = events.remove(channel);
    return taken == null ? List.of() : taken;
  }

  Effect.@Nullable End end(long channel) {
    return ends.get(channel);
  }

  @Nullable ErrorCode endCode(long channel) {
    return Objects.requireNonNull(ends.get(channel), "the channel is open").code();
  }

  <T> T run(Result<T> result) {
    T answer = take(result);
    for (String group = machine.unsettled(); group != null; group = machine.unsettled()) {
      if (refusing) {
        break;
      }
      take(machine.settle(group));
    }
    return answer;
  }

  private <T> T take(Result<T> result) {
    if (refusing && !result.records().isEmpty()) {
      throw new WeirException(ErrorCode.STORAGE_FULL, "the disk is full");
    }
    for (GroupRecord record : result.records()) {
      log.add(RecordCodec.key(record));
      log.add(RecordCodec.value(record));
      machine.replay(record);
    }
    result.afterReplay().run();
    for (Effect effect : mute ? List.<Effect>of() : result.effects()) {
      if (effect instanceof Effect.Send send) {
        events.computeIfAbsent(send.channel(), channel -> new ArrayList<>()).add(send.event());
      } else if (effect instanceof Effect.End end) {
        ends.put(end.channel(), end);
      }
    }
    return result.answer();
  }
}
