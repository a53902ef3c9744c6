package dev.weir.broker.partition;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which directory belongs to which partition. Each carries the topic's id in a file {@code
 * partition.metadata}, in Kafka's form: a directory left over from a deleted topic of the same name
 * is set aside, never taken for the new one's. A log whose owner cannot be told is left as it is.
 */
final class PartitionDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionDirectories.class);
  private static final String IDENTITY = "partition.metadata";
  private static final String PREFIX = "version: 0\ntopic_id: ";
  private static final int MAX_IDENTITY_BYTES = 256;

  private final Path dataDir;
  private final LogFiles files;

  PartitionDirectories(Path dataDir, LogFiles files) {
    this.dataDir = dataDir;
    this.files = files;
  }

  /**
   * The partition's directory, created when there is none. Blocks.
   *
   * @throws WeirException STORAGE_OFFLINE: the directory holds a log and does not say whose
   */
  Path prepare(TopicPartition partition, TopicId topicId) throws IOException {
    Path dir = dataDir.resolve(partition.toString());
    if (files.exists(dir)) {
      @Nullable TopicId owner = owner(dir);
      if (topicId.equals(owner)) {
        return dir;
      }
      if (owner != null) {
        Path aside = dataDir.resolve(partition + "." + UUID.randomUUID() + "-stray");
        LOG.warn("{} belongs to another topic; it was renamed to {}", dir, aside.getFileName());
        files.rename(dir, aside);
      } else if (files.list(dir).stream().anyMatch(name -> name.endsWith(".log"))) {
        throw new WeirException(
            ErrorCode.STORAGE_OFFLINE,
            "directory %s holds a log, but its %s is missing or damaged; restore that file"
                .formatted(dir, IDENTITY));
      }
    }
    files.createDirectories(dir);
    Path temporary = dir.resolve(IDENTITY + ".tmp");
    files.delete(temporary);
    try (LogFile file = files.create(temporary)) {
      file.append(ByteBuffer.wrap(identity(topicId)));
      file.force();
    }
    files.rename(temporary, dir.resolve(IDENTITY));
    files.syncDirectory(dir); // that the directory itself stays, the log sees to when it is created
    return dir;
  }

  /** Whose directory it is; null when its identity is missing or unreadable. */
  private @Nullable TopicId owner(Path dir) throws IOException {
    Path path = dir.resolve(IDENTITY);
    if (!files.exists(path)) {
      return null;
    }
    String text;
    try (LogFile file = files.open(path)) {
      if (file.size() > MAX_IDENTITY_BYTES) {
        return null;
      }
      ByteBuffer content = ByteBuffer.allocate((int) file.size());
      file.readFully(content, 0);
      text = new String(content.array(), StandardCharsets.US_ASCII).strip();
    }
    if (!text.startsWith(PREFIX)) {
      return null;
    }
    try {
      byte[] id = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
      return id.length == TopicId.BYTES ? TopicId.of(ByteBuffer.wrap(id)) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static byte[] identity(TopicId id) {
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(id.toBytes());
    return (PREFIX + text).getBytes(StandardCharsets.US_ASCII);
  }
}
