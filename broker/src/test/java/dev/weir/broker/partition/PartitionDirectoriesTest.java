package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.disk.ChannelLogFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionDirectoriesTest {
  private static final TopicPartition PARTITION = new TopicPartition("orders", 3);
  private static final TopicId TOPIC = TopicId.of(UUID.randomUUID());

  @TempDir private Path dataDir;
  private PartitionDirectories directories;
  private Path dir;
  private Path identity;

  @BeforeEach
  void create() throws IOException {
    directories = new PartitionDirectories(dataDir, new ChannelLogFiles(100));
    dir = directories.prepare(PARTITION, TOPIC);
    identity = dir.resolve("partition.metadata");
  }

  @Test
  void aLogThatLostItsIdentityIsLeftAlone() throws IOException {
    log();
    Files.delete(identity);
    refusesAndKeepsTheLog();
  }

  @Test
  void aLogWhoseIdentityIsDamagedIsLeftAlone() throws IOException {
    log();
    for (String damaged :
        List.of("", "\0".repeat(42), "version: 0\ntopic_id: ####", "version: 0\ntopic_id: AAAA")) {
      Files.writeString(identity, damaged);
      refusesAndKeepsTheLog();
    }
    Files.write(identity, new byte[100_000]);
    refusesAndKeepsTheLog();
  }

  @Test
  void aLogOfAnotherTopicIsSetAside() throws IOException {
    log();
    assertThat(directories.prepare(PARTITION, TopicId.of(UUID.randomUUID()))).isEqualTo(dir);
    assertThat(dir).isDirectoryContaining("glob:**/partition.metadata");
    assertThat(dir).isDirectoryNotContaining("glob:**.log");
    assertThat(dataDir).isDirectoryContaining("glob:**/orders-3.*-stray");
  }

  @Test
  void aDirectoryWithoutALogGetsItsIdentity() throws IOException {
    Files.delete(identity);
    assertThat(directories.prepare(PARTITION, TOPIC)).isEqualTo(dir);
    assertThat(identity).isNotEmptyFile();
    log();
    assertThat(directories.prepare(PARTITION, TOPIC)).isEqualTo(dir);
    assertThat(dir).isDirectoryContaining("glob:**.log");
  }

  private void log() throws IOException {
    Files.writeString(dir.resolve("00000000000000000000.log"), "acknowledged");
  }

  private void refusesAndKeepsTheLog() {
    assertThatThrownBy(() -> directories.prepare(PARTITION, TOPIC))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_OFFLINE))
        .hasMessageContaining(dir.toString());
    assertThat(dir).isDirectoryContaining("glob:**.log");
    assertThat(dataDir).isDirectoryNotContaining("glob:**-stray");
  }
}
