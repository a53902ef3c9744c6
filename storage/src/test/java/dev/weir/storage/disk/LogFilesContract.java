package dev.weir.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a log relies on; the simulated disk and the real one prove it alike. */
abstract class LogFilesContract {
  abstract LogFiles files();

  /** An empty directory. */
  abstract Path root();

  @Test
  void appendsAllBuffersInOrderAndReadsThemBack() throws IOException {
    try (LogFile file = files().create(root().resolve("a"))) {
      ByteBuffer direct = ByteBuffer.allocateDirect(3).put(new byte[] {4, 5, 6}).flip();
      assertThat(file.append(ByteBuffer.wrap(new byte[] {1, 2, 3}), direct.asReadOnlyBuffer()))
          .isEqualTo(6);
      assertThat(file.append(ByteBuffer.wrap(new byte[] {7}))).isEqualTo(1);
      assertThat(file.size()).isEqualTo(7);
      ByteBuffer read = ByteBuffer.allocate(5);
      file.readFully(read, 2);
      assertThat(read.array()).containsExactly(3, 4, 5, 6, 7);
      assertThatThrownBy(() -> file.readFully(ByteBuffer.allocate(2), 6))
          .isInstanceOf(EOFException.class);
      file.force();
    }
  }

  @Test
  void appendsWhereItWasTruncated() throws IOException {
    try (LogFile file = files().create(root().resolve("a"))) {
      file.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      file.truncate(10);
      assertThat(file.size()).isEqualTo(3);
      file.truncate(1);
      file.append(ByteBuffer.wrap(new byte[] {9}));
      ByteBuffer read = ByteBuffer.allocate(2);
      file.readFully(read, 0);
      assertThat(read.array()).containsExactly(1, 9);
      assertThat(file.size()).isEqualTo(2);
    }
  }

  @Test
  void goesOnAtTheEndOfAnOpenedFile() throws IOException {
    Path path = root().resolve("a");
    try (LogFile file = files().create(path)) {
      file.append(ByteBuffer.wrap(new byte[] {1}));
    }
    try (LogFile file = files().open(path)) {
      file.append(ByteBuffer.wrap(new byte[] {2}));
      assertThat(file.size()).isEqualTo(2);
      assertThat(file.path()).isEqualTo(path);
    }
  }

  @Test
  void createsOnlyWhatIsNotThereAndOpensOnlyWhatIs() throws IOException {
    Path path = root().resolve("a");
    assertThatThrownBy(() -> files().open(path)).isInstanceOf(NoSuchFileException.class);
    files().create(path).close();
    assertThatThrownBy(() -> files().create(path)).isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void listsRenamesAndDeletes() throws IOException {
    Path directory = root().resolve("d/e");
    files().createDirectories(directory);
    files().createDirectories(directory);
    files().create(directory.resolve("b")).close();
    files().create(directory.resolve("a")).close();
    assertThat(files().list(directory)).containsExactly("a", "b");
    assertThat(files().list(root().resolve("d"))).containsExactly("e");
    files().rename(directory.resolve("b"), directory.resolve("a"));
    assertThat(files().list(directory)).containsExactly("a");
    files().rename(directory, root().resolve("d/f"));
    assertThat(files().exists(directory)).isFalse();
    assertThat(files().list(root().resolve("d/f"))).containsExactly("a");
    files().delete(root().resolve("d/f/a"));
    files().delete(root().resolve("d/f/a"));
    assertThat(files().exists(root().resolve("d/f/a"))).isFalse();
    files().syncDirectory(root().resolve("d"));
  }

  @Test
  void readsAnOpenFileWhoseDirectoryWasRenamed() throws IOException {
    Path directory = root().resolve("d");
    files().createDirectories(directory);
    try (LogFile file = files().create(directory.resolve("a"))) {
      file.append(ByteBuffer.wrap(new byte[] {5}));
      files().rename(directory, root().resolve("e"));
      ByteBuffer read = ByteBuffer.allocate(1);
      file.readFully(read, 0);
      assertThat(read.get(0)).isEqualTo((byte) 5);
    }
  }

  @Test
  void letsOneAtATimeHoldADirectory() throws IOException {
    try (Closeable held = files().lock(root())) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> files().lock(root()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use");
    }
    files().lock(root()).close();
  }

  @Test
  void refusesWorkOnAClosedFile() throws IOException {
    LogFile file = files().create(root().resolve("a"));
    file.close();
    file.close();
    assertThatThrownBy(() -> file.append(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
    assertThatThrownBy(file::force).isInstanceOf(IOException.class);
  }

  @Test
  void opensASettledFileWhenItIsUsedAndGoesOnAtItsEnd() throws IOException {
    Path path = root().resolve("a");
    LogFile absent = files().settled(path);
    assertThat(absent.holdIfOpen()).isFalse();
    assertThatThrownBy(absent::size).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(absent::hold).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> files().size(path)).isInstanceOf(NoSuchFileException.class);
    try (LogFile file = files().create(path)) {
      file.append(ByteBuffer.wrap(new byte[] {1}));
    }
    assertThat(files().size(path)).isEqualTo(1);
    try (LogFile file = files().settled(path)) {
      assertThat(file.holdIfOpen()).isFalse();
      file.append(ByteBuffer.wrap(new byte[] {2}));
      assertThat(file.holdIfOpen()).isTrue();
      file.letGo();
      file.force();
      ByteBuffer read = ByteBuffer.allocate(2);
      file.readFully(read, 0);
      assertThat(read.array()).containsExactly(1, 2);
    }
  }

  @Test
  void neverTakesAnotherFileOfTheSameNameForThisOne() throws IOException {
    Path path = root().resolve("a");
    LogFile held = files().create(path);
    held.append(ByteBuffer.wrap(new byte[] {1}));
    held.force();
    held.hold();
    LogFile notOpen = files().settled(path);
    held.pathIsGone();
    notOpen.pathIsGone();
    files().delete(path);
    files().create(path).close();
    held.letGo();
    ByteBuffer read = ByteBuffer.allocate(1);
    held.readFully(read, 0);
    assertThat(read.get(0)).isEqualTo((byte) 1);
    assertThatThrownBy(notOpen::hold).isInstanceOf(NoSuchFileException.class);
    held.close();
  }

  @Test
  void staysOpenForItsHolderAfterAClose() throws IOException {
    LogFile file = files().create(root().resolve("a"));
    file.append(ByteBuffer.wrap(new byte[] {1}));
    file.hold();
    file.close();
    assertThat(file.holdIfOpen()).isFalse();
    file.letGo();
    assertThatThrownBy(file::hold).isInstanceOf(IOException.class);
  }
}
