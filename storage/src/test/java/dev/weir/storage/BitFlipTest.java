package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A bit that has turned in any file of a log is found, when the log is opened or when a client
 * reads, or it changes nothing that anybody can see. What is found where: decision 011.
 */
class BitFlipTest {
  private static final Path DIRECTORY = CrashScript.ROOT.resolve("orders-0");
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(100);
  private static final int BATCHES = 12;

  /** Where the leader epoch of a batch lies; no checksum covers it. */
  private static final int EPOCH_AT = 12;

  private static final int EPOCH_END = 16;

  /** Every fourth batch begins an epoch; flips lead from one to another. */
  private static final int[] EPOCHS = {4, 5, 7};

  /** What a client can see of a log. */
  private record Seen(List<String> batches, String answers) {}

  private enum End {
    CLOSED,
    /** Some batches are above the persisted flush point. */
    KILLED,
    /** Every batch is below it. */
    KILLED_RIGHT_AFTER_RECOVERY
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void isFoundOrChangesNothing(End end) throws IOException {
    Map<String, byte[]> image = write(end);
    long flushPoint = end == End.CLOSED ? BATCHES : flushPoint(image);
    assertThat(flushPoint).isBetween(8L, end == End.KILLED ? BATCHES - 1L : BATCHES);
    Seen expected = look(disk(image));
    assertThat(expected).isNotNull();
    int flips = 0;
    int found = 0;
    List<String> believed = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : image.entrySet()) {
      for (int at = 0; at < file.getValue().length; at++) {
        for (int bit = 0; bit < Byte.SIZE; bit++) {
          SimulatedLogFiles files = disk(image);
          files.rot(DIRECTORY.resolve(file.getKey()), at, 1 << bit);
          String what = file.getKey() + ", byte " + at + ", bit " + bit;
          Seen seen = lookOrTell(files, what);
          flips++;
          if (seen == null || isLoggedCut(seen, expected, flushPoint)) {
            found++;
          } else if (!seen.equals(expected) && !isPassedOn(file.getKey(), at, end)) {
            believed.add(what + ": " + seen.answers());
          }
        }
      }
    }
    assertThat(believed.stream().limit(20))
        .as("of %d flips, %d of them found", flips, found)
        .isEmpty();
    assertThat(found).isGreaterThan(flips / 4);
  }

  /** Batches above the flush point may be taken for a torn tail: that is said at the opening. */
  private static boolean isLoggedCut(Seen seen, Seen expected, long flushPoint) {
    int kept = seen.batches().size();
    return kept >= flushPoint
        && kept < expected.batches().size()
        && seen.batches().equals(expected.batches().subList(0, kept));
  }

  /**
   * What decision 011 says is not found. Batches of segments that are not read when the log is
   * opened are passed on with their epochs. The last batch of all, above the flush point, may come
   * after a gap or begin an epoch.
   */
  private static boolean isPassedOn(String name, int at, End end) throws IOException {
    if (!name.endsWith(LogNames.LOG)) {
      return false;
    }
    byte[] content = write(end).get(name);
    int start = 0;
    int size = RecordBatch.sizeAt(ByteBuffer.wrap(content), start);
    while (start + size <= at) {
      start += size;
      size = RecordBatch.sizeAt(ByteBuffer.wrap(content), start);
    }
    boolean last = RecordBatch.at(ByteBuffer.wrap(content), start).nextOffset() == BATCHES;
    int field = at - start;
    boolean inEpoch = field >= EPOCH_AT && field < EPOCH_END;
    boolean sealed = !name.equals(LogNames.of(10, LogNames.LOG));
    return (inEpoch && (end == End.CLOSED || sealed))
        || (end == End.KILLED && last && (inEpoch || field < Long.BYTES));
  }

  private static Map<String, byte[]> write(End end) throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
    LogDriver driver = new LogDriver(files, DIRECTORY, SETTINGS);
    for (int i = 0; i < BATCHES; i++) {
      assertThat(driver.log().append(sent(i), EPOCHS[i / 4]))
          .isInstanceOf(AppendOutcome.Appended.class);
      driver.flush();
    }
    switch (end) {
      case CLOSED -> driver.close();
      case KILLED -> files.kill();
      case KILLED_RIGHT_AFTER_RECOVERY -> {
        files.kill();
        new LogDriver(files, DIRECTORY, SETTINGS);
      }
    }
    files.kill();
    Map<String, byte[]> image = new TreeMap<>();
    for (String name : files.list(DIRECTORY)) {
      image.put(name, SmallFile.read(files, DIRECTORY.resolve(name)));
    }
    return image;
  }

  private static ByteBuffer sent(int number) {
    return TestBatches.batch(100 + number % 2, 0, number / 2, "value " + number + "-".repeat(100));
  }

  private static long flushPoint(Map<String, byte[]> image) throws IOException {
    long[] point = NumbersFile.read(disk(image), DIRECTORY.resolve(LogNames.RECOVERY_POINT), 1);
    return point == null ? -1 : point[0];
  }

  private static SimulatedLogFiles disk(Map<String, byte[]> image) throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
    files.createDirectories(DIRECTORY);
    for (Map.Entry<String, byte[]> file : image.entrySet()) {
      try (LogFile created = files.create(DIRECTORY.resolve(file.getKey()))) {
        created.append(ByteBuffer.wrap(file.getValue()));
      }
    }
    return files;
  }

  private static @Nullable Seen lookOrTell(SimulatedLogFiles files, String what) {
    try {
      return look(files);
    } catch (IOException | WeirException refused) {
      return null;
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(what + ": " + failure.getMessage(), failure);
    }
  }

  /**
   * Opens the log and reads all of it as a client does; null when something is said to be wrong.
   */
  private static @Nullable Seen look(SimulatedLogFiles files) throws IOException {
    LogDriver driver = new LogDriver(files, DIRECTORY, SETTINGS);
    PartitionLog log = driver.log();
    if (log.isOffline()) {
      return null;
    }
    List<String> batches = new ArrayList<>();
    for (long offset = log.logStartOffset(); offset < log.logEndOffset(); ) {
      ReadOutcome outcome = log.read(offset, 450, log.logEndOffset());
      if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
        outcome = needsDisk.read().run();
      }
      if (outcome instanceof ReadOutcome.Unavailable) {
        return null;
      }
      assertThat(outcome).isInstanceOf(ReadOutcome.Slice.class);
      ReadOutcome.Slice slice = (ReadOutcome.Slice) outcome;
      if (!read(slice, offset, batches)) {
        return null;
      }
      assertThat(slice.nextOffset()).isGreaterThan(offset);
      offset = slice.nextOffset();
    }
    StringBuilder answers = new StringBuilder();
    answers.append(log.logStartOffset()).append(' ').append(log.logEndOffset());
    answers.append(' ').append(log.offsetForTimestamp(1_003, log.logEndOffset()).run());
    for (int number = BATCHES - 4; number < BATCHES; number++) {
      answers.append(' ').append(log.append(sent(number), EPOCHS[2]));
    }
    return new Seen(batches, answers.toString());
  }

  /** As a client does; false when it finds a checksum or an order that is wrong. */
  private static boolean read(ReadOutcome.Slice slice, long offset, List<String> batches)
      throws IOException {
    FileRange range = slice.range();
    ByteBuffer bytes = ByteBuffer.allocate(range.length());
    range.readFully(0, bytes);
    range.release();
    long expected = offset;
    for (RecordBatch batch : TestBatches.split(bytes.flip())) {
      // only the first batch may begin below what is expected
      boolean inOrder =
          expected == offset ? batch.lastOffset() >= offset : batch.baseOffset() >= expected;
      if (!batch.crcMatches() || !inOrder || batch.lastOffset() >= slice.nextOffset()) {
        return false;
      }
      batches.add(
          batch + " epoch " + batch.leaderEpoch() + " " + TestBatches.values(batch.buffer()));
      expected = batch.nextOffset();
    }
    return expected == slice.nextOffset();
  }
}
