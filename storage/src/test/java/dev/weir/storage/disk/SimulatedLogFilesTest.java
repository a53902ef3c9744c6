package dev.weir.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SimulatedLogFilesTest extends LogFilesContract {
  private static final Path ROOT = Path.of("/data");

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  @Override
  LogFiles files() {
    return files;
  }

  @Override
  Path root() {
    return ROOT;
  }

  @Test
  void losesAFileWhoseDirectoryWasNotSynced() throws IOException {
    LogFile file = files.create(ROOT.resolve("a"));
    file.append(ByteBuffer.wrap(new byte[] {1}));
    file.force();
    files.cutPower(Survival.NONE, new Random(1));
    assertThat(files.list(ROOT)).isEmpty();
  }

  @Test
  void losesBytesThatWereNotForcedAndKeepsTheName() throws IOException {
    LogFile file = files.create(ROOT.resolve("a"));
    file.append(ByteBuffer.wrap(new byte[] {1}));
    file.force();
    files.syncDirectory(ROOT);
    file.append(ByteBuffer.wrap(new byte[] {2}));
    files.cutPower(Survival.NONE, new Random(1));
    assertThat(files.open(ROOT.resolve("a")).size()).isEqualTo(1);
  }

  @Test
  void takesARenameBackThatWasNotSynced() throws IOException {
    files.create(ROOT.resolve("a")).close();
    files.syncDirectory(ROOT);
    files.rename(ROOT.resolve("a"), ROOT.resolve("b"));
    files.cutPower(Survival.NONE, new Random(1));
    assertThat(files.list(ROOT)).containsExactly("a");
  }

  @Test
  void tearsAWriteIntoSectors() throws IOException {
    Set<String> seen = new TreeSet<>();
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      SimulatedLogFiles disk = new SimulatedLogFiles(ROOT);
      LogFile file = disk.create(ROOT.resolve("a"));
      disk.syncDirectory(ROOT);
      file.append(ByteBuffer.wrap(new byte[1024]).put(0, (byte) 1).put(1023, (byte) 2));
      disk.cutPower(Survival.TORN, random);
      LogFile torn = disk.open(ROOT.resolve("a"));
      ByteBuffer bytes = ByteBuffer.allocate((int) torn.size());
      torn.readFully(bytes, 0);
      seen.add(
          torn.size()
              + ":"
              + (torn.size() > 0 ? bytes.get(0) + "," + bytes.get(bytes.limit() - 1) : ""));
    }
    assertThat(seen).containsExactly("0:", "1024:0,2", "1024:1,2", "512:1,0");
  }

  @Test
  void reportsAFailedForceOnceAndForgetsWhatItShouldHaveWritten() throws IOException {
    LogFile file = files.create(ROOT.resolve("a"));
    files.syncDirectory(ROOT);
    file.append(ByteBuffer.wrap(new byte[] {1}));
    files.failAt(files.operations() + 1, Fault.IO_ERROR);
    assertThatThrownBy(file::force).isInstanceOf(IOException.class);
    file.force();
    assertThat(file.size()).isEqualTo(1);
    files.kill();
    assertThat(files.open(ROOT.resolve("a")).size()).isEqualTo(1);
    files.cutPower(Survival.ALL, new Random(1));
    assertThat(files.open(ROOT.resolve("a")).size()).isZero();
  }

  @Test
  void letsNothingOfADeadProcessRunOn() throws IOException {
    LogFile file = files.create(ROOT.resolve("a"));
    files.crashAt(files.operations() + 1);
    assertThatThrownBy(() -> file.append(ByteBuffer.wrap(new byte[] {1})))
        .isInstanceOf(SimulatedCrash.class);
    assertThatThrownBy(file::size).isInstanceOf(SimulatedCrash.class);
    files.kill();
    assertThatThrownBy(file::size).isInstanceOf(SimulatedCrash.class);
    assertThat(files.open(ROOT.resolve("a")).size()).isEqualTo(1);
  }
}
