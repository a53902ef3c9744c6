package dev.weir.broker.partition;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicNames;
import dev.weir.core.topic.TopicPartition;
import dev.weir.replication.AckListener;
import dev.weir.replication.ProduceOutcome;
import dev.weir.replication.Replica;
import dev.weir.replication.RequiredAcks;
import dev.weir.storage.ReadOutcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * A partition this broker serves: its replica together with the loop it lives on. Other threads
 * come in through {@link #execute}; what is marked "in the loop" is called nowhere else.
 */
public final class HostedPartition {
  /** Whether requests are served, and if not, why. */
  public enum State {
    ONLINE,
    DELETED,
    SHUTTING_DOWN
  }

  private final TopicPartition name;
  private final TopicId topicId;
  private volatile TopicConfig config;
  private final PartitionLoop loop;
  private final Replica replica;
  private final PartitionOpener.Observers observers;
  private final RecordAppender records;
  private final Set<Runnable> watchers = new LinkedHashSet<>();
  private State state = State.ONLINE;

  HostedPartition(
      TopicPartition name, TopicId topicId, TopicConfig config, Replica replica, Shared shared) {
    this.name = name;
    this.topicId = topicId;
    this.config = config;
    this.loop = shared.loop();
    this.replica = replica;
    this.observers = shared.observers();
    this.records = new RecordAppender(this, shared.time());
  }

  /** What a partition shares with others. */
  record Shared(PartitionLoop loop, PartitionOpener.Observers observers, Time time) {}

  public TopicPartition name() {
    return name;
  }

  public TopicId topicId() {
    return topicId;
  }

  public TopicConfig config() {
    return config;
  }

  /** For single records, which are gathered into batches. */
  public RecordAppender records() {
    return records;
  }

  /**
   * Runs the task in the partition's loop. Any thread.
   *
   * @throws WeirException SHUTTING_DOWN: the loop has stopped, the task will not run
   */
  public void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      throw shuttingDown();
    }
  }

  /** Asks the replica in its loop; fails with what the question throws. Any thread. */
  public <T> CompletableFuture<T> ask(Function<Replica, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    execute(
        () -> {
          try {
            answer.complete(question.apply(replica));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /** In the loop. */
  public Replica replica() {
    loop.assertInLoop();
    return replica;
  }

  /** In the loop. */
  public State state() {
    loop.assertInLoop();
    return state;
  }

  /**
   * In the loop: appends one batch; the bytes are not used after the return, the listener is told
   * exactly once.
   */
  public void append(ByteBuffer batch, RequiredAcks acks, AckListener listener) {
    loop.assertInLoop();
    if (state != State.ONLINE) {
      WeirException reason = notServed();
      listener.onAcknowledged(ProduceOutcome.Failed.of(reason));
      return;
    }
    if (TopicNames.isInternal(name.topic())) {
      listener.onAcknowledged(
          new ProduceOutcome.Failed(
              ErrorCode.POLICY_VIOLATION,
              "topic '%s' is the broker's own: it can be read, not produced to"
                  .formatted(name.topic())));
      return;
    }
    int bytes = batch.remaining();
    observers.appends().onBatch(bytes);
    replica.append(batch, acks, listener);
  }

  /** In the loop: as {@link #append} with all acknowledgements, for the broker's own topics. */
  public void appendInternal(ByteBuffer batch, AckListener listener) {
    loop.assertInLoop();
    if (state != State.ONLINE) {
      listener.onAcknowledged(ProduceOutcome.Failed.of(notServed()));
      return;
    }
    replica.append(batch, RequiredAcks.ALL, listener);
  }

  /** In the loop: runs the task there after the delay. */
  public PartitionLoop.Timer schedule(Duration delay, Runnable task) {
    return loop.schedule(delay, task);
  }

  /**
   * The error for a reader of something that should be there and cannot be read; the broker's log
   * is told, too. Any thread.
   */
  public WeirException unreadable(ReadOutcome.Unavailable unavailable) {
    if (unavailable.code() == ErrorCode.STORAGE_OFFLINE) {
      observers.troubles().onFailedRead(name, unavailable.message());
    }
    return new WeirException(unavailable.code(), unavailable.message());
  }

  /** In the loop: tells the watcher, in the loop, about every change of the state. */
  public void watch(Runnable watcher) {
    loop.assertInLoop();
    watchers.add(watcher);
  }

  /** In the loop. */
  public void unwatch(Runnable watcher) {
    loop.assertInLoop();
    watchers.remove(watcher);
  }

  /** Why requests are refused while the state is not ONLINE. In the loop. */
  public WeirException notServed() {
    return state() == State.DELETED
        ? new WeirException(
            ErrorCode.UNKNOWN_TOPIC, "topic '" + name.topic() + "' has been deleted")
        : shuttingDown();
  }

  void reconfigure(TopicConfig changed) {
    loop.assertInLoop();
    config = changed;
    replica.reconfigure(changed.log(), changed.replica());
  }

  void enter(State next) {
    loop.assertInLoop();
    if (state != next) {
      state = next;
      new ArrayList<>(watchers).forEach(Runnable::run);
    }
  }

  private WeirException shuttingDown() {
    return new WeirException(
        ErrorCode.SHUTTING_DOWN, "the broker that leads " + name + " is shutting down");
  }

  @Override
  public String toString() {
    return name.toString();
  }
}
