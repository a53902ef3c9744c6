package dev.weir.client;

import dev.weir.core.topic.TopicPartition;
import java.util.List;

/**
 * Told how partitions come and go. Called on the subscription's {@code weir-client-n} thread,
 * between records, which must not be blocked; what a method throws ends the subscription.
 */
public interface GroupListener {
  /** Hears nothing. */
  GroupListener NONE = new GroupListener() {};

  /** The partitions are the subscription's; none of their records has been delivered yet. */
  default void onAssigned(List<TopicPartition> partitions) {}

  /**
   * The partitions are being taken back: no further record of them comes. Those delivered may be
   * acknowledged until the drain timeout; nobody else reads the partitions before.
   */
  default void onRevoked(List<TopicPartition> partitions) {}

  /**
   * The partitions were taken away without being asked for, because the coordinator did not hear of
   * the member for too long: somebody else may read them already, and acknowledgements of their
   * records are too late.
   */
  default void onLost(List<TopicPartition> partitions) {}
}
