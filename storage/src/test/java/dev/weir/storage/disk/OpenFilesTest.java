package dev.weir.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFilesTest {
  private static final int MOST = 4;
  private static final int FILES = 20;

  @TempDir Path directory;

  private final ChannelLogFiles files = new ChannelLogFiles(MOST);
  private final List<LogFile> all = new ArrayList<>();

  @BeforeEach
  void createFiles() throws IOException {
    for (int i = 0; i < FILES; i++) {
      Path path = directory.resolve("file" + i);
      Files.write(path, new byte[] {(byte) i});
      all.add(files.settled(path));
    }
  }

  @Test
  void readsFromMoreFilesThanMayBeOpen() throws IOException {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < FILES; i++) {
        assertThat(firstByte(all.get(i))).isEqualTo(i);
        assertThat(files.openFiles()).isBetween(1, MOST);
      }
    }
    assertThat(descriptors()).isEqualTo(MOST);
  }

  @Test
  void keepsWhatIsUsedOftenOpen() throws IOException {
    LogFile often = all.get(0);
    for (int i = 1; i < FILES; i++) {
      firstByte(often);
      firstByte(all.get(i));
    }
    assertThat(often.channel()).isNotNull();
  }

  @Test
  void neverClosesAFileWithBytesThatNoForceHasCovered() throws IOException {
    for (LogFile each : all) {
      each.append(ByteBuffer.wrap(new byte[] {1}));
    }
    assertThat(files.openFiles()).isEqualTo(FILES);
    for (LogFile each : all) {
      each.force();
    }
    firstByte(files.settled(directory.resolve("file0")));
    assertThat(files.openFiles()).isEqualTo(MOST);
  }

  @Test
  void neverClosesAFileThatIsHeld() throws IOException {
    LogFile held = all.get(0);
    held.hold();
    var channel = held.channel();
    for (LogFile each : all) {
      firstByte(each);
    }
    assertThat(held.channel()).isSameAs(channel);
    assertThat(Objects.requireNonNull(channel).isOpen()).isTrue();
    held.letGo();
  }

  @Test
  void forgetsFilesThatWereClosed() throws IOException {
    for (LogFile each : all) {
      firstByte(each);
      each.close();
    }
    assertThat(files.openFiles()).isZero();
    assertThat(descriptors()).isZero();
  }

  @Test
  void givesMappingsBackAtOnce() throws IOException {
    for (int i = 0; i < 500; i++) {
      assertThat(all.get(i % FILES).isResident(0, 1)).isTrue();
    }
    assertThat(Files.readAllLines(Path.of("/proc/self/maps")))
        .noneMatch(line -> line.contains(directory.toString()));
  }

  @Test
  void holdsItsPromisesWhenThreadsUseFilesAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<CompletableFuture<Void>> done = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int first = thread;
        done.add(CompletableFuture.runAsync(() -> useAtRandom(first), threads));
      }
      CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).join();
    } finally {
      threads.shutdown();
    }
    for (int i = 0; i < FILES; i++) {
      assertThat(all.get(i).size()).isEqualTo(1 + appended(i));
      all.get(i).close();
    }
    assertThat(descriptors()).isZero();
  }

  private final int[] appends = new int[FILES];

  private int appended(int file) {
    return appends[file];
  }

  /** Each thread appends to files of its own and reads from all of them. */
  private void useAtRandom(int thread) {
    Random random = new Random(thread);
    try {
      for (int i = 0; i < 3000; i++) {
        int any = random.nextInt(FILES);
        assertThat(firstByte(all.get(any))).isEqualTo(any);
        int own = random.nextInt(FILES / 4) * 4 + thread;
        if (random.nextInt(10) == 0) {
          all.get(own).append(ByteBuffer.wrap(new byte[] {1}));
          appends[own]++;
          all.get(own).force();
        }
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static int firstByte(LogFile file) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(1);
    file.readFully(read, 0);
    return read.get(0);
  }

  private long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(this::isOurs).count();
    }
  }

  private boolean isOurs(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).startsWith(directory);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }
}
