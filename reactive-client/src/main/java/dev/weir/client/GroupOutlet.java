package dev.weir.client;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;

/** Where the records of a member's partitions go. In the subscription's loop. */
interface GroupOutlet {
  /** What the subscriber gets. */
  Subscription subscription();

  /** Begins to read a partition. */
  void add(GroupLane lane, FetchPlan plan);

  /** Nothing of a partition is delivered any more. */
  void remove(GroupLane lane);

  /** A partition may have something to deliver. */
  void deliver(GroupLane lane);

  /** Goes on at where the lane says it starts. */
  void restart(GroupLane lane);

  /** The buffer is shared anew. */
  void replan(FetchPlan plan);

  /** While paused nothing is delivered. */
  void pause(boolean wanted);

  /** Nothing is delivered any more; the reason goes to whoever has not cancelled. */
  void end(@Nullable Throwable reason);
}
