package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicPartition;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A handle on a running subscription, given to it with {@link GroupSubscription#controlledBy} or
 * {@link Assignment#controlledBy}. Any thread; each call starts when it is subscribed and answers
 * on the subscription's thread. Without a running subscription calls fail with CLOSED.
 */
public final class ConsumerControl {
  /** What is controlled. Any thread. */
  interface Target {
    Mono<Void> seek(TopicPartition partition, StartingPosition position);

    Mono<Void> commit();

    Mono<List<PartitionProgress>> progress();
  }

  private final AtomicReference<@Nullable Target> target = new AtomicReference<>();

  private ConsumerControl() {}

  /** A control that serves no subscription yet. */
  public static ConsumerControl create() {
    return new ConsumerControl();
  }

  /**
   * Goes on reading a partition elsewhere. When it completes, no record from before is delivered
   * any more; a position that is not in the log is dealt with as at the start. In a group,
   * acknowledgements of records delivered before mean nothing any more, and the new position is
   * committed in their place, be it lower or higher. NOT_OWNER if the subscription does not read
   * the partition (now).
   */
  public Mono<Void> seek(TopicPartition partition, StartingPosition position) {
    return with(running -> running.seek(partition, position));
  }

  /**
   * Commits what has been acknowledged by now; completes when that is durable. Fails with the
   * coordinator's reason, or CLOSED when the subscription ends first; INVALID_REQUEST without a
   * group. While the coordinator is out of reach it waits.
   */
  public Mono<Void> commit() {
    return with(Target::commit);
  }

  /** The partitions that are read now and how far each is. */
  public Mono<List<PartitionProgress>> progress() {
    return with(Target::progress);
  }

  /** False when it serves another subscription. */
  boolean bind(Target running) {
    return target.compareAndSet(null, running);
  }

  void unbind(Target ended) {
    target.compareAndSet(ended, null);
  }

  /** The error of a second subscription at the same time. */
  static WeirException inUse() {
    return new WeirException(
        ErrorCode.INVALID_REQUEST, "the control serves another subscription at the moment");
  }

  /** The error when nothing (more) is controlled. */
  static WeirException notRunning() {
    return new WeirException(ErrorCode.CLOSED, "no subscription is running under this control");
  }

  private <T> Mono<T> with(Function<Target, Mono<T>> call) {
    return Mono.defer(
        () -> {
          Target running = target.get();
          return running == null ? Mono.error(notRunning()) : call.apply(running);
        });
  }
}
