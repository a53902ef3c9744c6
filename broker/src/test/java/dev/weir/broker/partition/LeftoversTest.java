package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.topic.TopicId;
import dev.weir.metadata.FileMetadataStore;
import dev.weir.metadata.MetadataCommand.CreateTopic;
import dev.weir.metadata.MetadataCommand.RegisterBroker;
import dev.weir.storage.disk.ChannelLogFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
  @TempDir private Path dataDir;

  @Test
  void partitionsOfNoTopicAreNamedAndKept() throws IOException {
    try (FileMetadataStore store = FileMetadataStore.open(dataDir)) {
      store.submit(new RegisterBroker(1, UUID.randomUUID(), "h", 1)).toCompletableFuture().join();
      store
          .submit(
              new CreateTopic(
                  "known", TopicId.of(UUID.randomUUID()), List.of(List.of(1)), Map.of()))
          .toCompletableFuture()
          .join();
      for (String name :
          List.of("known-0", "known-1", "known-00", "gone-0", "gone", "x-0.y-stray")) {
        Files.createDirectory(dataDir.resolve(name));
      }
      Leftovers.tidy(new ChannelLogFiles(100), dataDir, store.current());
      assertThat(Leftovers.unknown(new ChannelLogFiles(100), dataDir, store.current()))
          .containsExactly("gone-0", "known-00", "known-1");
    }
  }
}
