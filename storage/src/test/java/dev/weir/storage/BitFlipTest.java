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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A bit that has turned in any file of a log is found, when the log is opened or when a client
 * reads, or it changes nothing that anybody can see. What is found where: decision 011.
 */
class BitFlipTest {
  private static final Path DIRECTORY = CrashScript.ROOT.resolve("orders-0");

  /** Of longer files of all but the plain log only one bit in so many is turned. */
  private static final int STRIDE = 5;

  private static final int SHORT_FILE = 400;

  /** Where the leader epoch of a batch lies; no checksum covers it. */
  private static final int EPOCH_AT = 12;

  private static final int EPOCH_END = 16;

  /** What a client can see of a log. */
  private record Seen(List<String> batches, long end, String answers) {}

  private enum End {
    CLOSED,
    /** Some batches are above the persisted flush point. */
    KILLED,
    /** Every batch is below it. */
    KILLED_RIGHT_AFTER_RECOVERY
  }

  static Stream<Arguments> lives() {
    return Stream.of(BitFlipLog.values())
        .flatMap(log -> Stream.of(End.values()).map(end -> Arguments.of(log, end)));
  }

  @ParameterizedTest
  @MethodSource("lives")
  void isFoundOrChangesNothing(BitFlipLog log, End end) throws IOException {
    Map<String, byte[]> image = write(log, end);
    long flushPoint = end == End.CLOSED ? log.batches() : flushPoint(image);
    assertThat(flushPoint)
        .isBetween(log.batches() * 2L / 3, end == End.KILLED ? log.batches() - 1L : log.batches());
    Seen expected = look(log, disk(image));
    assertThat(expected).isNotNull();
    int flips = 0;
    int found = 0;
    List<String> believed = new ArrayList<>();
    for (Map.Entry<String, byte[]> file : image.entrySet()) {
      byte[] content = file.getValue();
      int stride = log == BitFlipLog.PLAIN || content.length <= SHORT_FILE ? 1 : STRIDE;
      for (int at = 0; at < content.length * Byte.SIZE; at += stride) {
        SimulatedLogFiles files = disk(image);
        files.rot(DIRECTORY.resolve(file.getKey()), at / Byte.SIZE, 1 << at % Byte.SIZE);
        String what = file.getKey() + ", byte " + at / Byte.SIZE + ", bit " + at % Byte.SIZE;
        Seen seen = lookOrTell(log, files, what);
        flips++;
        if (seen == null || isLoggedCut(seen, expected, flushPoint)) {
          found++;
        } else if (!seen.equals(expected) && !isPassedOn(image, file.getKey(), at, end)) {
          believed.add(what + ": " + seen.answers());
        }
      }
    }
    assertThat(believed.stream().limit(20))
        .as("of %d flips, %d of them found; without one: %s", flips, found, expected.answers())
        .isEmpty();
    assertThat(found).isGreaterThan(flips / 4);
  }

  /** Batches above the flush point may be taken for a torn tail: that is said at the opening. */
  private static boolean isLoggedCut(Seen seen, Seen expected, long flushPoint) {
    int kept = seen.batches().size();
    return seen.end() >= flushPoint
        && kept < expected.batches().size()
        && seen.batches().equals(expected.batches().subList(0, kept));
  }

  /**
   * What decision 011 says is not found. Batches of segments that are not read when the log is
   * opened are passed on with their epochs, and a batch may have moved within the gap in which it
   * lies. The last batch of all, above the flush point, may come after a gap or begin an epoch.
   */
  private static boolean isPassedOn(Map<String, byte[]> image, String name, int bit, End end) {
    if (!name.endsWith(LogNames.LOG)) {
      return false;
    }
    ByteBuffer content = ByteBuffer.wrap(image.get(name));
    int at = bit / Byte.SIZE;
    int start = 0;
    int size = RecordBatch.sizeAt(content, start);
    long previous = LogNames.offsetIn(name, LogNames.LOG).orElseThrow() - 1;
    while (start + size <= at) {
      previous = RecordBatch.at(content, start).lastOffset();
      start += size;
      size = RecordBatch.sizeAt(content, start);
    }
    boolean endsFile = start + size == content.limit();
    boolean active =
        image.keySet().stream()
            .filter(each -> each.endsWith(LogNames.LOG))
            .noneMatch(each -> each.compareTo(name) > 0);
    boolean unflushedEnd = end == End.KILLED && active && endsFile;
    int field = at - start;
    if (field >= Long.BYTES) {
      boolean inEpoch = field >= EPOCH_AT && field < EPOCH_END;
      return inEpoch && (end == End.CLOSED || !active || unflushedEnd);
    }
    long base = content.getLong(start) ^ 1L << (Byte.SIZE * (7 - field) + bit % Byte.SIZE);
    long last = base + RecordBatch.at(content, start).lastOffsetDelta();
    return base > previous && (unflushedEnd || (!endsFile && last < content.getLong(start + size)));
  }

  private static Map<String, byte[]> write(BitFlipLog log, End end) throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
    LogDriver driver = new LogDriver(files, DIRECTORY, log.settings());
    log.write(driver);
    switch (end) {
      case CLOSED -> driver.close();
      case KILLED -> files.kill();
      case KILLED_RIGHT_AFTER_RECOVERY -> {
        files.kill();
        new LogDriver(files, DIRECTORY, log.settings());
      }
    }
    files.kill();
    Map<String, byte[]> image = new TreeMap<>();
    for (String name : files.list(DIRECTORY)) {
      image.put(name, SmallFile.read(files, DIRECTORY.resolve(name)));
    }
    return image;
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

  private static @Nullable Seen lookOrTell(BitFlipLog log, SimulatedLogFiles files, String what) {
    try {
      return look(log, files);
    } catch (IOException | WeirException refused) {
      return null;
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(what + ": " + failure.getMessage(), failure);
    }
  }

  /**
   * Opens the log, reads all of it as a client does and asks everything there is to be asked; null
   * when something is said to be wrong.
   */
  private static @Nullable Seen look(BitFlipLog kind, SimulatedLogFiles files) throws IOException {
    LogDriver driver = new LogDriver(files, DIRECTORY, kind.settings());
    PartitionLog log = driver.log();
    if (log.isOffline()) {
      return null;
    }
    long end = log.logEndOffset();
    List<String> batches = new ArrayList<>();
    for (long offset = log.logStartOffset(); offset < end; ) {
      ReadOutcome outcome = log.read(offset, 450, end);
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
    answers.append(log.logStartOffset()).append(' ').append(end);
    answers.append(' ').append(log.lastStableOffset(end));
    answers.append(' ').append(log.abortedTransactions(0, end).run());
    for (int time = 999; time <= 2_001; time += time < 1_020 ? 1 : 981) {
      answers.append(' ').append(log.offsetForTimestamp(time, end).run());
    }
    for (int number = kind.batches() - 4; number < kind.batches(); number++) {
      if (kind.batch(number) != null) {
        answers.append(' ').append(kind.append(driver, number));
      }
    }
    String more = kind.more(driver);
    return more.equals(BitFlipLog.SAYS_SO) ? null : new Seen(batches, end, answers + " " + more);
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
