package dev.weir.metadata;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.metadata.MetadataCommand.RegisterBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FileMetadataStoreTest extends MetadataStoreContract {
  @TempDir private Path dir;

  @Override
  protected MetadataStore open() throws IOException {
    return FileMetadataStore.open(dir);
  }

  @Test
  void everyFlippedBitIsNoticed(@TempDir Path other) throws IOException {
    Path file = other.resolve(ImageFile.NAME);
    registerOnce(other);
    byte[] whole = Files.readAllBytes(file);
    for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
      Files.write(file, damaged);
      assertThatThrownBy(() -> FileMetadataStore.open(other).close())
          .isInstanceOf(WeirException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void everyCutIsNoticed(@TempDir Path other) throws IOException {
    Path file = other.resolve(ImageFile.NAME);
    registerOnce(other);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> FileMetadataStore.open(other).close())
          .isInstanceOf(WeirException.class)
          .hasMessageContaining("is damaged");
    }
  }

  @Test
  void aWriteThatWasCutOffLeavesTheOldImage(@TempDir Path other) throws IOException {
    registerOnce(other);
    Files.writeString(other.resolve(ImageFile.NAME + ".tmp"), "half of some");
    registerOnce(other);
    try (FileMetadataStore store = FileMetadataStore.open(other)) {
      assertThat(store.current().brokers().get(1).epoch()).isEqualTo(2);
    }
  }

  @Test
  void aWriteThatCannotBeginIsRefusedAndTheNextOneTriesAgain(@TempDir Path other)
      throws IOException {
    Path temporary = other.resolve(ImageFile.NAME + ".tmp");
    try (FileMetadataStore store = FileMetadataStore.open(other)) {
      ClusterImage before = store.current();
      Files.createDirectory(temporary);
      assertFails(store, ErrorCode.STORAGE_FULL);
      assertThat(store.current()).isEqualTo(before);
      Files.delete(temporary);
      register(store);
      assertThat(store.current().brokers()).containsKey(1);
    }
  }

  @Test
  void afterAWriteOfUnknownOutcomeItAnswersNothingButThat(@TempDir Path other) throws IOException {
    Path file = other.resolve(ImageFile.NAME);
    try (FileMetadataStore store = FileMetadataStore.open(other)) {
      ClusterImage before = store.current();
      Files.createDirectories(file.resolve("full")); // cannot be replaced
      assertFails(store, ErrorCode.STORAGE_OFFLINE);
      Files.delete(file.resolve("full"));
      Files.delete(file);
      assertFails(store, ErrorCode.STORAGE_OFFLINE);
      assertThat(store.current()).isEqualTo(before);
    }
  }

  private static void assertFails(FileMetadataStore store, ErrorCode code) {
    assertThatThrownBy(() -> register(store))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void aMissingFileBesidePartitionsIsNoNewCluster(@TempDir Path other) throws IOException {
    Path partition = Files.createDirectory(other.resolve("orders-12"));
    FileMetadataStore.open(other).close();
    Files.createFile(partition.resolve("00000000000000000000.log"));
    assertThatThrownBy(() -> FileMetadataStore.open(other).close())
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_OFFLINE))
        .hasMessageContaining(other.resolve(ImageFile.NAME) + " is missing")
        .hasMessageContaining(partition.toString());
  }

  @Test
  @Timeout(20)
  @SuppressWarnings("NullAway") // a command that makes the applier throw
  void aCommandThatCannotBeAppliedIsAnsweredAndSoIsTheNext(@TempDir Path other) throws IOException {
    try (FileMetadataStore store = FileMetadataStore.open(other)) {
      for (MetadataCommand command :
          Arrays.asList(null, new RegisterBroker(1, UUID.randomUUID(), "h", 1))) {
        assertThatThrownBy(() -> store.submit(command).toCompletableFuture().get(10, SECONDS))
            .cause()
            .isInstanceOfSatisfying(
                WeirException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_OFFLINE));
      }
    }
  }

  @Test
  @Timeout(20)
  void aListenerThatFailsHoldsUpNobody(@TempDir Path other) throws Exception {
    try (FileMetadataStore store = FileMetadataStore.open(other)) {
      List<Long> heard = new CopyOnWriteArrayList<>();
      store.listen(
          image -> {
            throw new IllegalStateException("on purpose");
          });
      store.listen(image -> heard.add(image.version()));
      for (int i = 0; i < 2; i++) {
        store
            .submit(new RegisterBroker(1, UUID.randomUUID(), "h", 1))
            .toCompletableFuture()
            .get(10, SECONDS);
      }
      assertThat(heard).hasSize(2);
    }
  }

  private static void registerOnce(Path dir) throws IOException {
    try (FileMetadataStore store = FileMetadataStore.open(dir)) {
      register(store);
    }
  }

  private static void register(MetadataStore store) {
    store.submit(new RegisterBroker(1, UUID.randomUUID(), "h", 1)).toCompletableFuture().join();
  }
}
