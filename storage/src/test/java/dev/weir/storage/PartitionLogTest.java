package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.TimestampType;
import dev.weir.storage.disk.ChannelLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
  private static final LogSettings SMALL_SEGMENTS =
      LogSettings.DEFAULTS.withSegmentBytes(2048).withIndexIntervalBytes(200);

  @TempDir Path temporary;

  @Test
  void givesOffsetsInOrderAndReadsBackWhatWasAppended() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    assertThat(driver.append(batch(10, "a", "b"))).isEqualTo(0);
    assertThat(driver.append(batch(20, "c"))).isEqualTo(2);
    assertThat(driver.log().logEndOffset()).isEqualTo(3);
    assertThat(driver.values()).containsExactly("a", "b", "c");
  }

  @Test
  void writesOffsetAndEpochAndNothingElse() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    driver.append(batch(10, "a", "b"));
    ByteBuffer sent = batch(20, "c", "d", "e");
    byte[] before = bytesOf(sent);
    driver.append(sent.asReadOnlyBuffer());
    assertThat(bytesOf(sent)).isEqualTo(before);
    RecordBatch stored = TestBatches.split(driver.bytes(2, 1)).get(0);
    assertThat(stored.baseOffset()).isEqualTo(2);
    assertThat(stored.leaderEpoch()).isEqualTo(7);
    assertThat(stored.crcMatches()).isTrue();
    ByteBuffer undone = ByteBuffer.allocate(before.length).put(stored.buffer()).flip();
    RecordBatch.place(undone, 0, 0, -1);
    assertThat(undone.array()).isEqualTo(before);
  }

  @Test
  void acceptsADirectReadOnlyBufferWithBytesAround() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    ByteBuffer sent = batch(10, "direct");
    ByteBuffer frame = ByteBuffer.allocateDirect(sent.remaining() + 20);
    frame.position(9).put(sent.duplicate());
    driver.append(frame.flip().position(9).asReadOnlyBuffer());
    assertThat(driver.values()).containsExactly("direct");
  }

  @Test
  void readsTheSameBytesFromMemoryAndFromDisk() throws IOException {
    LogDriver hot = open(SMALL_SEGMENTS);
    List<String> sent = appendMany(hot, 200);
    ByteBuffer expected = hot.bytes(0, 700);
    hot.close();
    LogDriver cold = open(SMALL_SEGMENTS.withHotBytes(0));
    assertThat(cold.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(cold.log().read(3, 100, 200))
        .isInstanceOf(ReadOutcome.NeedsDisk.class)
        .satisfies(outcome -> ((ReadOutcome.NeedsDisk) outcome).read().abandon());
    for (int maxBytes : new int[] {1, 100, 700, 1 << 20}) {
      assertThat(cold.bytes(0, maxBytes)).isEqualTo(expected);
    }
    assertThat(cold.values()).isEqualTo(sent);
    for (long offset = 0; offset < 200; offset++) {
      FileRange range = cold.read(offset, 1, 200).range();
      ByteBuffer bytes = ByteBuffer.allocate(range.length());
      range.readFully(0, bytes);
      range.release();
      RecordBatch first = RecordBatch.at(bytes.flip(), 0);
      assertThat(offset).isBetween(first.baseOffset(), first.lastOffset());
    }
  }

  @Test
  void neverReadsBeyondTheLimit() throws IOException {
    LogDriver driver = open(SMALL_SEGMENTS);
    appendMany(driver, 100);
    driver.close();
    LogDriver cold = open(SMALL_SEGMENTS);
    LogDriver hot = driver;
    for (LogDriver each : List.of(cold)) {
      for (long limit = 1; limit <= 100; limit++) {
        assertThat(each.read(0, 1 << 20, limit).nextOffset()).isLessThanOrEqualTo(limit);
        assertThat(each.log().read(limit, 1 << 20, limit)).isEqualTo(ReadOutcome.UpToDate.INSTANCE);
      }
    }
    assertThat(hot.log().read(0, 1, 1)).isInstanceOf(ReadOutcome.Unavailable.class);
  }

  @Test
  void keepsABatchBackThatReachesTheLimit() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    driver.append(batch(10, "a", "b", "c"));
    assertThat(driver.log().read(0, 1 << 20, 2)).isEqualTo(ReadOutcome.UpToDate.INSTANCE);
    driver.close();
    LogDriver cold = open(LogSettings.DEFAULTS);
    ReadOutcome outcome = cold.log().read(1, 1 << 20, 2);
    assertThat(((ReadOutcome.NeedsDisk) outcome).read().run())
        .isEqualTo(ReadOutcome.UpToDate.INSTANCE);
  }

  @Test
  void saysWhichOffsetsThereAre() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    driver.append(batch(10, "a"));
    assertThat(driver.log().read(2, 100, 1)).isEqualTo(new ReadOutcome.OutOfRange(0, 1));
    assertThat(driver.log().read(-1, 100, 1)).isEqualTo(new ReadOutcome.OutOfRange(0, 1));
    assertThat(driver.log().read(1, 100, 1)).isEqualTo(ReadOutcome.UpToDate.INSTANCE);
  }

  @Test
  void refusesADamagedBatchAndKeepsTheLogAsItWas() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    ByteBuffer damaged = batch(10, "abc");
    damaged.put(damaged.limit() - 2, (byte) 'x');
    assertThat(driver.log().append(damaged, 7))
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            rejected -> assertThat(rejected.code()).isEqualTo(ErrorCode.CORRUPT_BATCH));
    assertThat(driver.log().logEndOffset()).isZero();
    assertThat(driver.log().sizeInBytes()).isZero();
  }

  @Test
  void answersARetryWithTheFirstOffsets() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    driver.append(batch(5L, 0, 0, "a", "b"));
    driver.append(batch(5L, 0, 2, "c"));
    assertThat(driver.log().append(batch(5L, 0, 0, "a", "b"), 7))
        .isEqualTo(new AppendOutcome.Duplicate(0, 1));
    assertThat(driver.log().append(batch(5L, 0, 4, "e"), 7))
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            rejected -> assertThat(rejected.code()).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE));
    assertThat(driver.values()).containsExactly("a", "b", "c");
  }

  @Test
  void stampsItsOwnTimeWhenTheTopicWantsLogAppendTime() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS.withTimestampType(TimestampType.LOG_APPEND_TIME));
    AppendOutcome outcome = driver.log().append(batch(10, "a"), 7);
    assertThat(outcome).isEqualTo(new AppendOutcome.Appended(0, 0, 1_700_000_000_000L));
    RecordBatch stored = TestBatches.split(driver.bytes(0, 1)).get(0);
    assertThat(stored.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
    assertThat(stored.maxTimestamp()).isEqualTo(1_700_000_000_000L);
    assertThat(stored.crcMatches()).isTrue();
    assertThat(driver.values()).containsExactly("a");
  }

  @Test
  void flushesOnceForAllRequestsMadeMeanwhile() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    driver.append(batch(10, "a"));
    driver.log().requestFlush();
    driver.append(batch(10, "b"));
    driver.log().requestFlush();
    driver.append(batch(10, "c"));
    driver.log().requestFlush();
    driver.loop().runOne();
    driver.loop().runOne();
    assertThat(driver.flushed()).isEqualTo(1);
    driver.loop().runAll();
    assertThat(driver.flushed()).isEqualTo(3);
    assertThat(driver.log().flushedOffset()).isEqualTo(3);
  }

  @Test
  void findsTheFirstRecordAtOrAfterATimestamp() throws IOException {
    LogDriver driver = open(SMALL_SEGMENTS);
    for (int i = 0; i < 100; i++) {
      driver.append(batch(1000 + 10L * i, "x" + i, "y" + i));
    }
    for (int i = 0; i < 100; i++) {
      long exact = 1000 + 10L * i;
      assertThat(driver.log().offsetForTimestamp(exact, 200).run())
          .isEqualTo(new OffsetOutcome.Found(2L * i, exact));
      assertThat(driver.log().offsetForTimestamp(exact + 1, 200).run())
          .isEqualTo(new OffsetOutcome.Found(2L * i + 1, exact + 1));
      assertThat(driver.log().offsetForTimestamp(exact - 5, 200).run())
          .isEqualTo(new OffsetOutcome.Found(2L * i, exact));
    }
    assertThat(driver.log().offsetForTimestamp(5000, 200).run())
        .isEqualTo(new OffsetOutcome.NotFound());
    assertThat(driver.log().offsetForTimestamp(1900, 100).run())
        .isEqualTo(new OffsetOutcome.NotFound());
  }

  @Test
  void releasesARangeExactlyOnce() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    driver.append(batch(10, "a"));
    FileRange range = driver.read(0, 100, 1).range();
    range.release();
    assertThatThrownBy(range::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void keepsAFileOpenWhileARangeIsOut() throws IOException {
    LogDriver driver = open(LogSettings.DEFAULTS);
    driver.append(batch(10, "a"));
    FileRange range = driver.read(0, 100, 1).range();
    driver.close();
    ByteBuffer bytes = ByteBuffer.allocate(range.length());
    range.readFully(0, bytes);
    assertThat(TestBatches.values(bytes.flip())).containsExactly("a");
    range.release();
    driver.loop().runAll();
    assertThatThrownBy(() -> range.readFully(0, ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void deletesItsFilesOnceNoRangeIsOut() throws IOException {
    LogDriver driver = open(SMALL_SEGMENTS);
    appendMany(driver, 50);
    FileRange range = driver.read(0, 100, 50).range();
    UUID uuid = new UUID(1, 2);
    driver.log().delete(uuid);
    driver.loop().runAll();
    Path doomed = temporary.resolve("orders-0." + uuid + "-delete");
    assertThat(temporary.resolve("orders-0")).doesNotExist();
    assertThat(doomed).isDirectory();
    ByteBuffer bytes = ByteBuffer.allocate(range.length());
    range.readFully(0, bytes);
    range.release();
    driver.loop().runAll();
    assertThat(doomed).doesNotExist();
    assertThat(open(SMALL_SEGMENTS).log().logEndOffset()).isZero();
  }

  @Test
  void goesOnAfterACleanCloseWithoutAScan() throws IOException {
    LogDriver first = open(SMALL_SEGMENTS);
    List<String> sent = appendMany(first, 30);
    first.append(batch(9L, 3, 0, "p"));
    first.close();
    LogDriver second = open(SMALL_SEGMENTS);
    assertThat(second.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(second.report().scannedBytes()).isZero();
    assertThat(second.log().flushedOffset()).isEqualTo(31);
    assertThat(second.log().latestLeaderEpoch()).isEqualTo(7);
    assertThat(second.log().append(batch(9L, 3, 0, "p"), 7))
        .isEqualTo(new AppendOutcome.Duplicate(30, 30));
    second.append(batch(9L, 3, 1, "q"));
    List<String> expected = new ArrayList<>(sent);
    expected.add("p");
    expected.add("q");
    assertThat(second.values()).isEqualTo(expected);
  }

  @Test
  void takesTheTailBackAfterBeingKilled() throws IOException {
    LogDriver killed = open(SMALL_SEGMENTS);
    List<String> sent = appendMany(killed, 30);
    LogDriver next = open(SMALL_SEGMENTS);
    assertThat(next.report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
    assertThat(next.values()).isEqualTo(sent);
  }

  @Test
  void cutsTornTailAndKeepsWholeBatches() throws IOException {
    LogDriver killed = open(LogSettings.DEFAULTS);
    appendMany(killed, 3);
    Path segment = temporary.resolve("orders-0/00000000000000000000.log");
    byte[] whole = Files.readAllBytes(segment);
    Files.write(segment, java.util.Arrays.copyOf(whole, whole.length - 1));
    LogDriver next = open(LogSettings.DEFAULTS);
    assertThat(next.report().recoveryCase()).isEqualTo(RecoveryCase.TORN_TAIL);
    assertThat(next.report().cutBytes()).isPositive();
    assertThat(next.values()).containsExactly("v0", "v1");
    assertThat(next.append(batch(1, "again"))).isEqualTo(2);
  }

  @Test
  void staysOfflineWhenFlushedBytesAreDamagedAndChangesNothing() throws IOException {
    LogDriver killed = open(SMALL_SEGMENTS);
    appendMany(killed, 100);
    killed.flush();
    Path directory = temporary.resolve("orders-0");
    Path segment;
    try (var names = Files.list(directory)) {
      List<Path> logs = names.filter(n -> n.toString().endsWith(".log")).sorted().toList();
      segment = logs.get(logs.size() - 2);
      // the persisted flush point lies in the last segment by now
      Files.delete(logs.get(logs.size() - 1));
    }
    byte[] bytes = Files.readAllBytes(segment);
    LogDriver next = open(SMALL_SEGMENTS);
    assertThat(next.report().recoveryCase()).isEqualTo(RecoveryCase.DAMAGED);
    assertThat(next.log().isOffline()).isTrue();
    assertThat(next.log().append(batch(1, "no"), 7))
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            rejected -> assertThat(rejected.code()).isEqualTo(ErrorCode.STORAGE_OFFLINE));
    assertThat(Files.readAllBytes(segment)).isEqualTo(bytes);
  }

  private LogDriver open(LogSettings settings) throws IOException {
    return new LogDriver(new ChannelLogFiles(100), temporary.resolve("orders-0"), settings);
  }

  private static List<String> appendMany(LogDriver driver, int count) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add("v" + i);
      driver.append(batch(1000 + i, "v" + i));
    }
    return values;
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
