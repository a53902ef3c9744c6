package dev.weir.broker.partition;

import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which directory belongs to which partition. Each carries the topic's id in a file {@code
 * partition.metadata}, in Kafka's form: a directory left over from a deleted topic of the same name
 * is set aside, never taken for the new one's.
 */
final class PartitionDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionDirectories.class);
  private static final String IDENTITY = "partition.metadata";

  private final Path dataDir;
  private final LogFiles files;

  PartitionDirectories(Path dataDir, LogFiles files) {
    this.dataDir = dataDir;
    this.files = files;
  }

  /** The partition's directory, created when there is none. Blocks. */
  Path prepare(TopicPartition partition, TopicId topicId) throws IOException {
    Path dir = dataDir.resolve(partition.toString());
    byte[] identity = identity(topicId);
    if (files.exists(dir)) {
      Path file = dir.resolve(IDENTITY);
      if (files.exists(file) && holds(file, identity)) {
        return dir;
      }
      Path aside = dataDir.resolve(partition + "." + UUID.randomUUID() + "-stray");
      LOG.warn("{} belongs to another topic; it was renamed to {}", dir, aside.getFileName());
      files.rename(dir, aside);
    }
    files.createDirectories(dir);
    Path temporary = dir.resolve(IDENTITY + ".tmp");
    files.delete(temporary);
    try (LogFile file = files.create(temporary)) {
      file.append(ByteBuffer.wrap(identity));
      file.force();
    }
    files.rename(temporary, dir.resolve(IDENTITY));
    files.syncDirectory(dir);
    files.syncDirectory(dataDir);
    return dir;
  }

  private boolean holds(Path path, byte[] expected) throws IOException {
    try (LogFile file = files.open(path)) {
      if (file.size() != expected.length) {
        return false;
      }
      ByteBuffer content = ByteBuffer.allocate(expected.length);
      file.readFully(content, 0);
      return content.flip().equals(ByteBuffer.wrap(expected));
    }
  }

  private static byte[] identity(TopicId id) {
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(id.toBytes());
    return ("version: 0\ntopic_id: " + text).getBytes(StandardCharsets.US_ASCII);
  }
}
