package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LogFaultTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path DIRECTORY = ROOT.resolve("orders-0");
  private static final LogSettings SMALL =
      LogSettings.DEFAULTS.withSegmentBytes(2048).withIndexIntervalBytes(200);

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  @Test
  void refusesABatchWhenTheDiskIsFullAndGoesOnWhenThereIsSpace() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    files.failAt(files.operations() + 1, Fault.DISK_FULL);
    assertRejected(driver.log().append(batch(1, "b"), 7), ErrorCode.STORAGE_FULL);
    assertRejected(driver.log().append(batch(1, "b"), 7), ErrorCode.STORAGE_FULL);
    files.freeSpace();
    assertThat(driver.append(batch(1, "c"))).isEqualTo(1);
    assertThat(driver.values()).containsExactly("a", "c");
    assertThat(driver.log().isOffline()).isFalse();
  }

  @Test
  void goesOfflineWhenAFailedWriteCannotBeCutOff() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    files.failAt(files.operations() + 1, Fault.IO_ERROR);
    files.failAt(files.operations() + 2, Fault.IO_ERROR);
    assertRejected(driver.log().append(batch(1, "b"), 7), ErrorCode.STORAGE_OFFLINE);
    assertThat(driver.offline()).isNull();
    driver.loop().runAll();
    assertThat(driver.offline()).isNotNull();
    assertRejected(driver.log().append(batch(1, "c"), 7), ErrorCode.STORAGE_OFFLINE);
    assertThat(driver.values()).containsExactly("a");
  }

  @Test
  void neverRepeatsAFailedFlush() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    driver.flush();
    driver.append(batch(1, "b"));
    long before = files.operations();
    files.failAt(before + 1, Fault.IO_ERROR);
    driver.flush();
    assertThat(driver.offline()).isNotNull();
    assertThat(driver.flushed()).isEqualTo(1);
    driver.flush();
    driver.close();
    assertThat(files.trace().subList((int) before + 1, files.trace().size()))
        .noneMatch(operation -> operation.startsWith("force"));
    assertRejected(driver.log().append(batch(1, "c"), 7), ErrorCode.SHUTTING_DOWN);
  }

  @Test
  void buildsIndexesAndProducersAnewWhateverIsInTheirFiles() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < 60; i++) {
      driver.append(batch(5L, 0, i, "v" + i));
    }
    driver.close();
    Map<String, ByteBuffer> original = contents();
    List<String> derived = new ArrayList<>(original.keySet());
    derived.removeIf(name -> name.endsWith(LogNames.LOG) || name.equals(LogNames.CLEAN_SHUTDOWN));
    for (String name : derived) {
      for (byte[] damage : List.of(new byte[0], new byte[7], new byte[48])) {
        restore(original);
        SmallFile.replace(files, DIRECTORY.resolve(name), damage);
        files.delete(DIRECTORY.resolve(LogNames.CLEAN_SHUTDOWN));
        LogDriver next = open();
        assertThat(next.values()).as(name).hasSize(60);
        assertThat(next.log().append(batch(5L, 0, 57, "v57"), 7))
            .as(name)
            .isEqualTo(new AppendOutcome.Duplicate(57, 57));
        assertThat(next.log().latestLeaderEpoch()).isEqualTo(7);
        next.close();
      }
    }
  }

  @Test
  void rebuildsIndexesThatEqualTheOriginals() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < 60; i++) {
      driver.append(batch(1000 + i % 7 * 10, "v" + i));
    }
    driver.close();
    Map<String, ByteBuffer> original = contents();
    for (String name : original.keySet()) {
      if (!name.endsWith(LogNames.LOG)) {
        files.delete(DIRECTORY.resolve(name));
      }
    }
    open().close();
    Map<String, ByteBuffer> rebuilt = contents();
    original.keySet().removeIf(name -> !name.endsWith("index"));
    rebuilt.keySet().removeIf(name -> !name.endsWith("index"));
    assertThat(original).hasSizeGreaterThan(4);
    assertThat(rebuilt).isEqualTo(original);
  }

  @Test
  void readsEveryOffsetWhateverTheIndexesSay() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < 60; i++) {
      driver.append(batch(1000 + i, "v" + i));
    }
    ByteBuffer expected = driver.bytes(0, 500);
    driver.close();
    Map<String, ByteBuffer> original = contents();
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      restore(original);
      for (String name : original.keySet()) {
        if (name.endsWith(LogNames.OFFSET_INDEX)) {
          byte[] bytes = original.get(name).array().clone();
          for (int i = 4; i < bytes.length - 8; i++) {
            bytes[i] = random.nextBoolean() ? (byte) random.nextInt(1 + round) : bytes[i];
          }
          SmallFile.replace(files, DIRECTORY.resolve(name), bytes);
        }
      }
      LogDriver next = open();
      assertThat(next.bytes(0, 500).remaining()).isEqualTo(expected.remaining());
      assertThat(next.values()).hasSize(60);
      for (long offset = 0; offset < 60; offset++) {
        ReadOutcome.Slice slice = next.read(offset, 500, 60);
        assertThat(slice.nextOffset()).isGreaterThan(offset);
        slice.range().release();
      }
    }
  }

  /** A replica of a compacted log has gaps; garbage behind one does not make it doubtful. */
  @Test
  void keepsAFlushedBatchBehindAGapWhateverTornWriteFollowsIt() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    ByteBuffer far = batch(2, "b");
    RecordBatch.place(far, 0, 10, 7);
    assertThat(driver.log().append(far, 7, AppendOrigin.REPLICATION))
        .isEqualTo(new AppendOutcome.Appended(10, 10, -1));
    driver.flush();
    files.kill();
    try (LogFile log = files.open(DIRECTORY.resolve(LogNames.of(0, LogNames.LOG)))) {
      log.append(ByteBuffer.allocate(80)); // a write of which no sector has come
    }
    driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.TORN_TAIL);
    assertThat(driver.values()).containsExactly("a", "b");
    assertThat(driver.log().logEndOffset()).isEqualTo(11);
  }

  private LogDriver open() throws IOException {
    return new LogDriver(files, DIRECTORY, SMALL);
  }

  private Map<String, ByteBuffer> contents() throws IOException {
    Map<String, ByteBuffer> contents = new TreeMap<>();
    for (String name : files.list(DIRECTORY)) {
      contents.put(name, ByteBuffer.wrap(SmallFile.read(files, DIRECTORY.resolve(name))));
    }
    return contents;
  }

  private void restore(Map<String, ByteBuffer> contents) throws IOException {
    for (String name : files.list(DIRECTORY)) {
      files.delete(DIRECTORY.resolve(name));
    }
    for (Map.Entry<String, ByteBuffer> entry : contents.entrySet()) {
      try (LogFile file = files.create(DIRECTORY.resolve(entry.getKey()))) {
        file.append(entry.getValue().duplicate());
      }
    }
  }

  private static void assertRejected(AppendOutcome outcome, ErrorCode code) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class, rejected -> assertThat(rejected.code()).isEqualTo(code));
  }
}
