package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads far behind the log's end: which of them have to go to a read thread. */
class WarmRangesTest {
  private static final Path DIRECTORY = Path.of("/orders-0");
  private static final Duration MOMENT = Duration.ofNanos(WarmRanges.WARM_NANOS - 1);
  private static final int BATCHES = 40;

  private final ManualTime time = new ManualTime();
  private final SimulatedLogFiles disk = new SimulatedLogFiles(DIRECTORY);
  private final LogDriver log =
      new LogDriver(
          disk, DIRECTORY, LogSettings.DEFAULTS.withHotBytes(0).withIndexIntervalBytes(100), time);
  private int batchBytes;

  WarmRangesTest() throws IOException {}

  @BeforeEach
  void fill() {
    for (int i = 0; i < BATCHES; i++) {
      ByteBuffer batch = batch(i, "value of one record, " + (10 + i));
      batchBytes = batch.remaining();
      log.append(batch);
    }
  }

  @Test
  void theNextReaderOfAPlaceNeedsNoReadThread() throws IOException {
    ReadOutcome.Slice first = fromDisk(0, 2 * batchBytes);
    assertThat(first.nextOffset()).isEqualTo(2);
    ReadOutcome.Slice second = (ReadOutcome.Slice) read(0, 2 * batchBytes);
    assertThat(second.nextOffset()).isEqualTo(2);
    assertThat(bytes(second)).isEqualTo(bytes(first));
    first.range().release();
    second.range().release();
  }

  @Test
  void theKernelIsAskedAgainAfterAMoment() {
    fromDisk(0, batchBytes).range().release();
    time.pass(MOMENT);
    ((ReadOutcome.Slice) read(0, batchBytes)).range().release();
    time.pass(Duration.ofNanos(1));
    assertThat(read(0, batchBytes)).isInstanceOf(ReadOutcome.NeedsDisk.class);
  }

  @Test
  void ofWhatIsNotInThePageCacheOnlyWhatWasReadIsWarm() {
    disk.withoutCache(true);
    ReadOutcome.Slice read = fromDisk(0, batchBytes);
    read.range().release();
    ((ReadOutcome.Slice) read(0, batchBytes)).range().release();
    assertThat(read(read.nextOffset(), batchBytes)).isInstanceOf(ReadOutcome.NeedsDisk.class);
  }

  @Test
  void aReadOfAnotherSizeIsAnotherRead() {
    fromDisk(0, batchBytes).range().release();
    ReadOutcome.Slice two = fromDisk(0, 2 * batchBytes);
    assertThat(two.nextOffset()).isEqualTo(2);
    two.range().release();
  }

  @Test
  void nobodyIsShownMoreThanItsLimit() {
    fromDisk(0, 2 * batchBytes).range().release();
    ReadOutcome outcome = log.log().read(0, 2 * batchBytes, 1);
    ReadOutcome.Slice slice = (ReadOutcome.Slice) ((ReadOutcome.NeedsDisk) outcome).read().run();
    assertThat(slice.nextOffset()).isEqualTo(1);
    slice.range().release();
  }

  /** The end of the log is no end of a range: the next reader gets what has come since. */
  @Test
  void whatMayStillGrowIsNotRemembered() {
    fromDisk(BATCHES - 1, 2 * batchBytes).range().release();
    log.append(batch(99, "value of one record, 99"));
    ReadOutcome.Slice slice = fromDisk(BATCHES - 1, 2 * batchBytes);
    assertThat(slice.nextOffset()).isEqualTo(BATCHES + 1);
    slice.range().release();
  }

  @Test
  void growsOnlyForPlacesThatSeveralRead() {
    WarmRanges one = new WarmRanges();
    WarmRanges many = new WarmRanges();
    for (int i = 0; i < 10_000; i++) {
      one.add(located(i));
      many.add(located(i));
      assertThat(one.warm(i, 1000, 0)).isNotNull();
      assertThat(many.warm(i, 1000, 0)).isNotNull();
      assertThat(many.warm(i, 1000, 0)).isNotNull();
    }
    assertThat(one.capacity()).isEqualTo(64);
    assertThat(many.capacity()).isEqualTo(2048);
  }

  private static WarmRanges.Located located(int offset) {
    return new WarmRanges.Located(offset, 1000, offset * 100, 100, offset + 1, 0);
  }

  private ReadOutcome read(long offset, int maxBytes) {
    return log.log().read(offset, maxBytes, log.log().logEndOffset());
  }

  private ReadOutcome.Slice fromDisk(long offset, int maxBytes) {
    return (ReadOutcome.Slice) ((ReadOutcome.NeedsDisk) read(offset, maxBytes)).read().run();
  }

  private static byte[] bytes(ReadOutcome.Slice slice) throws IOException {
    byte[] bytes = new byte[slice.range().length()];
    slice.range().readFully(0, ByteBuffer.wrap(bytes));
    return bytes;
  }
}
