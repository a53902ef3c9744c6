package dev.weir.storage;

import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.disk.LogFiles;
import java.nio.file.Path;

/** Which log, and where its files are. */
record LogHome(TopicPartition partition, Path directory, LogFiles files) {
  Path file(String name) {
    return directory.resolve(name);
  }
}
