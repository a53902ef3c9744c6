package dev.weir.broker.partition;

import dev.weir.core.loop.PartitionLoop;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Deals partitions out to loops, in turn. */
public final class PartitionLoops {
  private final List<? extends PartitionLoop> loops;
  private final AtomicInteger next = new AtomicInteger();

  public PartitionLoops(List<? extends PartitionLoop> loops) {
    this.loops = List.copyOf(loops);
  }

  PartitionLoop next() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }
}
