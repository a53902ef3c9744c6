package dev.weir.broker.control;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.List;

/** Which brokers a new topic's partitions are given to. */
public final class ReplicaPlacement {
  private ReplicaPlacement() {}

  /**
   * The brokers of each partition, in turn; the first one leads.
   *
   * @throws WeirException INVALID_REPLICATION_FACTOR: there are not so many brokers
   */
  public static List<List<Integer>> spread(int partitions, long factor, ClusterImage image) {
    List<Integer> brokers = image.brokers().keySet().stream().sorted().toList();
    if (factor > brokers.size()) {
      throw new WeirException(
          ErrorCode.INVALID_REPLICATION_FACTOR,
          "replication factor %d needs as many brokers; there %s"
              .formatted(factor, brokers.size() == 1 ? "is 1" : "are " + brokers.size()));
    }
    List<List<Integer>> replicas = new ArrayList<>(partitions);
    for (int partition = 0; partition < partitions; partition++) {
      List<Integer> ofPartition = new ArrayList<>((int) factor);
      for (int i = 0; i < factor; i++) {
        ofPartition.add(brokers.get((partition + i) % brokers.size()));
      }
      replicas.add(ofPartition);
    }
    return replicas;
  }
}
