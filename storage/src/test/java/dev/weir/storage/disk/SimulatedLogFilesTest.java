package dev.weir.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
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
  void bringsBackAFileWhoseDeletionWasNotSynced() throws IOException {
    files.create(ROOT.resolve("a")).close();
    files.syncDirectory(ROOT);
    files.delete(ROOT.resolve("a"));
    files.cutPower(Survival.NONE, new Random(1));
    assertThat(files.list(ROOT)).containsExactly("a");
  }

  @Test
  void keepsNoOrderOfWhatIsNotSynced() throws IOException {
    Set<String> seen = new TreeSet<>();
    for (int seed = 0; seed < 50; seed++) {
      SimulatedLogFiles disk = new SimulatedLogFiles(ROOT);
      LogFile file = disk.create(ROOT.resolve("a"));
      disk.syncDirectory(ROOT);
      file.append(ByteBuffer.wrap(new byte[] {1}));
      disk.create(ROOT.resolve("b")).close();
      disk.cutPower(Survival.SUBSET, new Random(seed * 0x9E3779B97F4A7C15L));
      seen.add(disk.list(ROOT) + " " + disk.open(ROOT.resolve("a")).size());
    }
    assertThat(seen).containsExactly("[a, b] 0", "[a, b] 1", "[a] 0", "[a] 1");
  }

  @Test
  void tearsEveryWriteWhenTheDiskIsShredded() throws IOException {
    Set<String> seen = new TreeSet<>();
    for (int seed = 0; seed < 400; seed++) {
      SimulatedLogFiles disk = new SimulatedLogFiles(ROOT);
      LogFile file = disk.create(ROOT.resolve("a"));
      disk.syncDirectory(ROOT);
      for (int write = 1; write <= 2; write++) {
        byte[] sectors = new byte[1024];
        Arrays.fill(sectors, (byte) write);
        file.append(ByteBuffer.wrap(sectors));
      }
      disk.cutPower(Survival.SHREDDED, new Random(seed * 0x9E3779B97F4A7C15L));
      LogFile torn = disk.open(ROOT.resolve("a"));
      ByteBuffer bytes = ByteBuffer.allocate((int) torn.size());
      torn.readFully(bytes, 0);
      StringBuilder sectors = new StringBuilder();
      for (int at = 0; at < bytes.limit(); at += 512) {
        sectors.append(bytes.get(at));
      }
      seen.add(sectors.toString());
    }
    assertThat(seen).contains("", "1", "1122", "0122", "1002", "0002", "112");
  }

  @Test
  void turnsBitsForEverAndFailsReadsOfAByte() throws IOException {
    LogFile file = files.create(ROOT.resolve("a"));
    files.syncDirectory(ROOT);
    file.append(ByteBuffer.wrap(new byte[] {1, 2}));
    file.force();
    files.rot(ROOT.resolve("a"), 1, 0x81);
    files.cutPower(Survival.NONE, new Random(1));
    LogFile rotten = files.open(ROOT.resolve("a"));
    ByteBuffer bytes = ByteBuffer.allocate(2);
    rotten.readFully(bytes, 0);
    assertThat(bytes.array()).containsExactly(1, 0x83);
    files.failReadsOf(ROOT.resolve("a"), 1);
    rotten.readFully(ByteBuffer.allocate(1), 0);
    assertThatThrownBy(() -> rotten.readFully(ByteBuffer.allocate(1), 1))
        .isInstanceOf(IOException.class);
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
