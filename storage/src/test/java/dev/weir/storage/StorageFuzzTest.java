package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files from a fuzzer: whatever they hold, opening and reading end in one of the documented ways,
 * and opening once more changes nothing. What it found once, and what it starts from, runs as a
 * plain test; {@code bin/campaign fuzz} searches on.
 */
class StorageFuzzTest {
  private static final Path DIRECTORY = CrashScript.ROOT.resolve("orders-0");
  private static final Path FILE = CrashScript.ROOT.resolve("file");
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(100);

  private static final int SNAPSHOT_VERSION = 1;
  private static final int HISTORY_VERSION = 2;

  /**
   * A real log in which a few files are changed. First whether it was closed; then for each change
   * the file, where, what is to be done and how many bytes follow that are put there.
   */
  @MethodSource("changes")
  @FuzzTest
  void wholeLog(byte[] data) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(data);
    SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
    LogDriver written = new LogDriver(files, DIRECTORY, SETTINGS);
    fill(written);
    written.flush();
    if (in.hasRemaining() && in.get() % 2 == 0) {
      written.close();
    }
    files.kill();
    while (in.remaining() >= 5) {
      List<String> names = files.list(DIRECTORY);
      Path file = DIRECTORY.resolve(names.get((in.get() & 0xff) % names.size()));
      byte[] content = SmallFile.read(files, file);
      int at = (in.getShort() & 0xffff) % (content.length + 1);
      boolean cut = in.get() % 2 == 0;
      byte[] put = new byte[Math.min(in.get() & 0xff, in.remaining())];
      in.get(put);
      int end = cut ? at + put.length : Math.max(content.length, at + put.length);
      byte[] changed = Arrays.copyOf(content, end);
      System.arraycopy(put, 0, changed, at, put.length);
      SmallFile.replace(files, file, changed);
    }
    LogDriver opened = openTwice(files);
    if (opened != null) {
      goOn(opened);
    }
  }

  /** A segment file of any bytes, as they are and with the checksums of its batches put right. */
  @MethodSource("segments")
  @FuzzTest
  void segmentFile(byte[] data) throws IOException {
    for (byte[] content : List.of(data, resealed(data))) {
      SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
      files.createDirectories(DIRECTORY);
      put(files, DIRECTORY.resolve(LogNames.of(0, LogNames.LOG)), content);
      LogDriver opened = openTwice(files);
      assertThat(opened).isNotNull();
      long end = opened.log().logEndOffset();
      LogFile file = files.open(DIRECTORY.resolve(LogNames.of(0, LogNames.LOG)));
      long walked = 0;
      if (file.size() > 0) {
        HeaderWalk walk = new HeaderWalk(file, (int) file.size(), 0, end);
        walk.moveTo(0);
        while (walk.moveToNext()) {
          assertThat(walk.batchEnd()).isGreaterThan(walk.batchStart());
        }
        walked = walk.lastOffset() + 1;
      }
      assertThat(walked).isEqualTo(end);
      goOn(opened);
    }
  }

  /** The bytes as a numbers file, as they are and with a right version and checksum. */
  @MethodSource("numbers")
  @FuzzTest
  void numbersFile(byte[] data) throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
    put(files, FILE, data);
    assertThat(NumbersFile.read(files, FILE, 1))
        .satisfiesAnyOf(
            numbers -> assertThat(numbers).isNull(), numbers -> assertThat(numbers).hasSize(1));
    SmallFile.replace(
        files, FILE, withChecksum("1 " + new String(data, StandardCharsets.US_ASCII), " %08x\n"));
    for (int count = 1; count <= 3; count++) {
      long[] numbers = NumbersFile.read(files, FILE, count);
      if (numbers != null) {
        NumbersFile.replace(files, FILE, numbers);
        assertThat(NumbersFile.read(files, FILE, count)).isEqualTo(numbers);
      }
    }
  }

  /** The bytes as a file of epochs, as they are and with a right checksum. */
  @MethodSource("epochs")
  @FuzzTest
  void leaderEpochs(byte[] data) throws IOException {
    String text = new String(data, StandardCharsets.US_ASCII);
    for (byte[] content : List.of(data, withChecksum(text, "crc32c %08x\n"))) {
      SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
      put(files, FILE, content);
      LeaderEpochs epochs = new LeaderEpochs();
      if (epochs.load(files, FILE, Long.MAX_VALUE)) {
        byte[] again = epochs.encode();
        SmallFile.replace(files, FILE, again);
        LeaderEpochs reread = new LeaderEpochs();
        assertThat(reread.load(files, FILE, Long.MAX_VALUE)).isTrue();
        assertThat(reread.encode()).isEqualTo(again);
      } else {
        assertThat(epochs.latest()).isEqualTo(-1);
        assertThat(epochs.checked(Long.MAX_VALUE)).isEqualTo(LeaderEpochs.NOT_KNOWN);
      }
    }
  }

  /** How long the first body is, then both: with right versions and checksums around them. */
  @MethodSource("snapshots")
  @FuzzTest
  void producerSnapshot(byte[] data) {
    if (data.length < 2) {
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(data);
    byte[] body = new byte[(in.getShort() & 0xffff) % (in.remaining() + 1)];
    in.get(body);
    byte[] snapshot = sealed(SNAPSHOT_VERSION, body);
    byte[] rest = new byte[in.remaining()];
    in.get(rest);
    int crc = ByteBuffer.wrap(snapshot).getInt(2);
    byte[] history =
        sealed(HISTORY_VERSION, ByteBuffer.allocate(4 + rest.length).putInt(crc).put(rest).array());
    ProducerSnapshot read = new ProducerSnapshot(snapshot, history);
    ProducerStates states = read.read();
    if (states != null) {
      ProducerSnapshot again = ProducerSnapshot.of(states, read.aborted());
      ProducerStates reread = again.read();
      assertThat(reread).isNotNull();
      assertThat(ProducerSnapshot.of(reread, again.aborted()).snapshot())
          .isEqualTo(again.snapshot());
    }
  }

  /** A key, then the bytes as both kinds of index: a search ends within the entries. */
  @MethodSource("indexFiles")
  @FuzzTest
  void indexes(byte[] data) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(data);
    long key = data.length < Long.BYTES ? 5 : in.getLong();
    byte[] content = new byte[in.remaining()];
    in.get(content);
    for (SparseIndex.Kind kind : SparseIndex.Kind.values()) {
      SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
      put(files, FILE, content);
      SparseIndex index = new SparseIndex(kind, files.open(FILE));
      if (index.load(Long.MAX_VALUE, Long.MAX_VALUE)) {
        IndexView view = index.view();
        int found = view.floorByKey(key);
        assertThat(found).isBetween(-1, view.count() - 1);
        assertThat(view.floorByValue(key, found)).isBetween(found, view.count() - 1);
      }
    }
  }

  /** An index of aborted transactions is what its summary says, or is not believed. */
  @MethodSource("indexFiles")
  @FuzzTest
  void abortedIndex(byte[] data) throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
    put(files, FILE, data);
    CRC32C crc = new CRC32C();
    crc.update(data);
    int count = data.length / AbortedIndex.ENTRY_BYTES;
    AbortedIndex.Summary summary = new AbortedIndex.Summary(count, (int) crc.getValue());
    AbortedIndex index = AbortedIndex.open(files, FILE);
    assertThat(index.trust(summary)).isEqualTo(data.length % AbortedIndex.ENTRY_BYTES == 0);
    assertThat(AbortedIndex.decode(ByteBuffer.wrap(data))).hasSize(count);
    index.close();
  }

  static Stream<byte[]> changes() {
    return Stream.of(
        new byte[] {0},
        new byte[] {1},
        new byte[] {0, 3, 0, 5, 1, 1, 9},
        new byte[] {1, 1, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 9, 4, 0, 90, 0, 0});
  }

  static Stream<byte[]> segments() throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);
    LogDriver driver = new LogDriver(files, DIRECTORY, LogSettings.DEFAULTS);
    fill(driver);
    byte[] whole = SmallFile.read(files, DIRECTORY.resolve(LogNames.of(0, LogNames.LOG)));
    return Stream.of(new byte[0], whole, Arrays.copyOf(whole, whole.length - 20), new byte[200]);
  }

  static Stream<byte[]> numbers() {
    return texts("", "12", "1 2 3", "-5 7", "1 30 00000000\n", "x", "9223372036854775808");
  }

  static Stream<byte[]> epochs() {
    return texts("0\n2\n3 0\n5 20\n", "0\n0\n", "0\n1\n-1 -1\n", "1\n", "0\n1\n3\n");
  }

  static Stream<byte[]> snapshots() {
    ProducerStates producers = new ProducerStates();
    ProducerState state = new ProducerState(100);
    state.restore((short) 2, 1, 7);
    for (int i = 0; i < 6; i++) {
      state.add((short) 2, i, 0, i);
    }
    producers.put(state);
    ProducerSnapshot whole = ProducerSnapshot.of(producers, AbortedIndex.Summary.NONE);
    byte[] body = Arrays.copyOfRange(whole.snapshot(), 6, whole.snapshot().length);
    byte[] rest = Arrays.copyOfRange(whole.history(), 10, whole.history().length);
    return Stream.of(
        new byte[] {0, 4, 0, 0, 0, 0},
        ByteBuffer.allocate(2 + body.length + rest.length)
            .putShort((short) body.length)
            .put(body)
            .put(rest)
            .array());
  }

  static Stream<byte[]> indexFiles() {
    ByteBuffer offsets = ByteBuffer.allocate(32).putLong(12);
    ByteBuffer times = ByteBuffer.allocate(32).putLong(1_002);
    for (int i = 1; i <= 3; i++) {
      offsets.putInt(10 * i).putInt(100 * i);
    }
    for (int i = 1; i <= 2; i++) {
      times.putLong(1_000L + i).putInt(i);
    }
    ByteBuffer encoded = AbortedIndex.encode(List.of(new AbortedTransaction(1, 2, 3, 4)));
    byte[] aborted = new byte[encoded.remaining()];
    encoded.get(aborted);
    return Stream.of(new byte[0], offsets.array(), times.array(), aborted);
  }

  private static Stream<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Plain batches, and a transaction that is aborted. */
  private static void fill(LogDriver driver) {
    for (int i = 0; i < 6; i++) {
      driver.append(TestBatches.batch(100, 0, i, "value " + i + "-".repeat(100)));
    }
    assertThat(
            driver
                .log()
                .append(TestBatches.transactional(101, 0, 0, "x"), 7, AppendOrigin.VERIFIED_CLIENT))
        .isInstanceOf(AppendOutcome.Appended.class);
    assertThat(
            driver
                .log()
                .append(
                    TestBatches.marker(ControlRecordType.ABORT, 101, 0, 1),
                    7,
                    AppendOrigin.COORDINATOR))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  /**
   * Opens the log, reads all of it, and opens it once more: nothing is different then. Null when it
   * refuses to open.
   */
  private static @Nullable LogDriver openTwice(SimulatedLogFiles files) throws IOException {
    LogDriver first;
    try {
      first = open(files);
      if (first.report().recoveryCase() == RecoveryCase.CLEAN) {
        readAll(first);
        files.kill();
        files.delete(DIRECTORY.resolve(LogNames.CLEAN_SHUTDOWN)); // now built from the batches
        first = open(files);
      }
    } catch (IOException refused) {
      assertThat(refused).message().isNotBlank();
      return null;
    }
    RecoveryCase found = first.report().recoveryCase();
    List<String> read = readAll(first);
    boolean damaged = found == RecoveryCase.DAMAGED;
    Map<String, String> left = image(files, damaged);
    files.kill();
    LogDriver second = open(files);
    assertThat(image(files, damaged))
        .as(first.report() + " then " + second.report())
        .isEqualTo(left);
    if (damaged) { // with fewer indexes to trust more is read, and more damage may be met
      assertThat(second.log().logEndOffset()).isLessThanOrEqualTo(first.log().logEndOffset());
    } else {
      assertThat(readAll(second)).isEqualTo(read);
      assertThat(second.log().logEndOffset()).isEqualTo(first.log().logEndOffset());
    }
    assertThat(second.report().recoveryCase()).isEqualTo(damaged ? found : RecoveryCase.WHOLE);
    return second;
  }

  private static LogDriver open(SimulatedLogFiles files) throws IOException {
    return new LogDriver(files, DIRECTORY, SETTINGS);
  }

  /** Everything else that can be asked of it is answered. */
  private static void goOn(LogDriver driver) throws IOException {
    PartitionLog log = driver.log();
    try {
      assertThat(log.offsetForTimestamp(1_002, log.logEndOffset()).run()).isNotNull();
      assertThat(log.abortedTransactions(log.logStartOffset(), log.logEndOffset()).run())
          .isNotNull();
    } catch (IOException damaged) { // below the flush point, where nobody has looked before
      assertThat(damaged).hasMessageContaining(".log, byte ");
    }
    AppendOutcome more = log.append(TestBatches.batch(200, 0, 0, "more"), Integer.MAX_VALUE);
    assertThat(more instanceof AppendOutcome.Appended).isEqualTo(!log.isOffline());
    driver.flush();
  }

  private static List<String> readAll(LogDriver driver) {
    PartitionLog log = driver.log();
    List<String> read = new ArrayList<>();
    for (long offset = log.logStartOffset(); offset < log.logEndOffset(); ) {
      ReadOutcome outcome = log.read(offset, 1000, log.logEndOffset());
      if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
        outcome = needsDisk.read().run();
      }
      if (!(outcome instanceof ReadOutcome.Slice slice)) {
        read.add(outcome.toString());
        break;
      }
      slice.range().release();
      assertThat(slice.nextOffset()).isGreaterThan(offset);
      read.add(offset + " to " + slice.nextOffset());
      offset = slice.nextOffset();
    }
    return read;
  }

  /**
   * The files. What is derived from batches counts only where the log is whole: of a damaged one it
   * is built anew as far as is possible, the batches are not touched.
   */
  private static Map<String, String> image(SimulatedLogFiles files, boolean damaged)
      throws IOException {
    Map<String, String> image = new TreeMap<>();
    for (String name : files.list(DIRECTORY)) {
      if (damaged && name.endsWith("index")) {
        continue;
      }
      image.put(name, HexFormat.of().formatHex(SmallFile.read(files, DIRECTORY.resolve(name))));
    }
    return image;
  }

  /** With the checksum of each batch put right, as far as lengths lead from one to the next. */
  private static byte[] resealed(byte[] data) {
    ByteBuffer segment = ByteBuffer.wrap(data.clone());
    for (int at = 0; segment.limit() - at >= RecordBatch.HEADER_BYTES; ) {
      int size = segment.getInt(at + 8) + 12;
      if (size < RecordBatch.HEADER_BYTES || size > segment.limit() - at) {
        break;
      }
      segment.put(at + 16, (byte) 2);
      CRC32C crc = new CRC32C();
      crc.update(segment.slice(at + 21, size - 21));
      segment.putInt(at + 17, (int) crc.getValue());
      at += size;
    }
    return segment.array();
  }

  private static byte[] withChecksum(String body, String form) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    return (body + String.format(form, crc.getValue())).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] sealed(int version, byte[] body) {
    ByteBuffer file = ByteBuffer.allocate(6 + body.length);
    CRC32C crc = new CRC32C();
    crc.update(body);
    return file.putShort((short) version).putInt((int) crc.getValue()).put(body).array();
  }

  private static void put(SimulatedLogFiles files, Path path, byte[] content) throws IOException {
    try (LogFile file = files.create(path)) {
      file.append(ByteBuffer.wrap(content));
    }
  }
}
