package dev.weir.client;

import com.google.protobuf.ByteString;
import dev.weir.core.topic.TopicId;
import java.util.List;
import java.util.Optional;

/**
 * What a client knows of a topic.
 *
 * @param leaders by partition; empty where there is none now
 */
record TopicLayout(String name, TopicId id, List<Optional<ServerAddress>> leaders) {
  int partitionCount() {
    return leaders.size();
  }

  PartitionTarget target(int partition) {
    return new PartitionTarget(name, idBytes(), partition);
  }

  ByteString idBytes() {
    return ByteString.copyFrom(id.toBytes());
  }
}
