package dev.weir.broker.campaign.groups;

import java.util.List;

/** How far each partition was acknowledged to the producer, and when. */
final class Produced {
  private final List<Sample> samples;

  /**
   * @param ends by partition, exclusive
   */
  record Sample(long at, List<Long> ends) {
    Sample {
      ends = List.copyOf(ends);
    }
  }

  /**
   * @param samples in the order of time; at least one
   */
  Produced(List<Sample> samples) {
    this.samples = List.copyOf(samples);
  }

  List<Sample> samples() {
    return samples;
  }

  /** When all was over. */
  long end() {
    return samples.get(samples.size() - 1).at();
  }

  /** The end of a partition when all was over. */
  long end(int partition) {
    return samples.get(samples.size() - 1).ends().get(partition);
  }

  long total() {
    return samples.get(samples.size() - 1).ends().stream().mapToLong(end -> end).sum();
  }

  /** When there was a record at this offset; {@link Long#MAX_VALUE}: never. */
  long availableAt(int partition, long offset) {
    int low = 0;
    int high = samples.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (samples.get(middle).ends().get(partition) > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low == samples.size() ? Long.MAX_VALUE : samples.get(low).at();
  }
}
