package dev.weir.broker.subscription;

import dev.weir.broker.partition.HostedPartition;
import java.util.List;

/** How far a subscription is. Any thread may ask, and is answered at once. */
public interface Progress {
  /** What holds it up at this moment. */
  WaitCause waitsFor();

  /** Messages given to the subscriber so far: frames of a fetch, records of a subscribe. */
  long messages();

  /** Where it reads on, for each of its partitions. */
  List<Position> positions();

  /**
   * A place in a partition.
   *
   * @param nextOffset the first offset that has neither been given nor replaced by a newer record;
   *     −1: not known yet
   */
  record Position(HostedPartition partition, long nextOffset) {}
}
