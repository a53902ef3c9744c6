package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.time.Time;
import dev.weir.storage.disk.SimulatedCrash;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An Error in the middle of disk work: whoever waits is told, and no segment stays pinned. */
class DiskErrorTest {
  private static final Path ROOT = Path.of("/data");

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  @Test
  void goesOfflineAndTellsWhoeverWaitsWhenAFlushDiesOfAnError() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    var moved = driver.log().deleteBefore(1).toCompletableFuture();
    files.crashAt(files.operations() + 1);
    assertThatThrownBy(driver.loop()::runAll).isInstanceOf(SimulatedCrash.class);
    driver.loop().runAll();
    assertThat(driver.offline()).isInstanceOf(SimulatedCrash.class);
    assertThat(driver.log().isOffline()).isTrue();
    assertThat(moved).isCompletedExceptionally();
    driver.close();
  }

  @Test
  void failsACloseThatDiesOfAnError() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    var closed = driver.log().close().toCompletableFuture();
    files.crashAt(files.operations() + 1);
    assertThatThrownBy(driver.loop()::runAll).isInstanceOf(SimulatedCrash.class);
    assertThat(closed).isCompletedExceptionally();
  }

  @Test
  void leavesNoPinBehindWhenAReadDiesOfAnError() throws IOException {
    Segment segment = segment();
    SegmentRead read = new SegmentRead(new SegmentView(segment), 0, 1000, 1, Time.system());
    files.kill();
    assertThatThrownBy(read::run).isInstanceOf(SimulatedCrash.class);
    assertNotPinned(segment);
  }

  @Test
  void leavesNoPinBehindWhenASearchDiesOfAnError() throws IOException {
    Segment one = segment();
    OffsetLookup search = new FirstFound(List.of(search(one), search(one), search(one)));
    files.kill();
    assertThatThrownBy(search::run).isInstanceOf(SimulatedCrash.class);
    assertNotPinned(one);
  }

  private LogDriver open() throws IOException {
    return new LogDriver(files, ROOT.resolve("orders-0"), LogSettings.DEFAULTS);
  }

  private Segment segment() throws IOException {
    Segment segment = Segment.create(files, ROOT, 0);
    ByteBuffer bytes = batch(10, "a");
    segment.onBatch(StoredBatch.readBack(RecordBatch.at(bytes, 0)), 100);
    segment.file().append(bytes);
    return segment;
  }

  private static OffsetLookup search(Segment segment) {
    return new TimestampSearch(
        new SegmentView(segment),
        10,
        new TimestampSearch.Within(0, 1),
        DecompressionLimits.DEFAULT);
  }

  private static void assertNotPinned(Segment segment) {
    AtomicInteger closed = new AtomicInteger();
    segment.retire(Runnable::run, closed::incrementAndGet);
    assertThat(closed).hasValue(1);
  }
}
