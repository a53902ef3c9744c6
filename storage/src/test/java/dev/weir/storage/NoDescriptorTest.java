package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A process that may open no more files refuses for a while; it loses nothing and recovers. */
class NoDescriptorTest {
  private static final Path ROOT = Path.of("/data");
  private static final LogSettings SMALL =
      LogSettings.DEFAULTS.withSegmentBytes(2048).withIndexIntervalBytes(200);

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  @Test
  void refusesAnAppendForAWhile() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    driver.flush();
    files.withoutDescriptors(true);
    assertThat(driver.log().append(batch(1, "b"), 7))
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.OVERLOADED);
              assertThat(refused.code().retriable()).isTrue();
            });
    assertThat(driver.log().isOffline()).isFalse();
    files.withoutDescriptors(false);
    assertThat(driver.append(batch(1, "c"))).isEqualTo(1);
    assertThat(driver.values()).containsExactly("a", "c");
  }

  @Test
  void finishesAFlushWhenTheDirectoryCanBeOpenedAgain() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    files.withoutDescriptors(true);
    driver.flush();
    assertThat(driver.log().flushedOffset()).isZero();
    assertThat(driver.log().isOffline()).isFalse();
    driver.loop().runTimers();
    assertThat(driver.log().flushedOffset()).isZero();
    files.withoutDescriptors(false);
    driver.loop().runTimers();
    assertThat(driver.log().flushedOffset()).isEqualTo(1);
    assertThat(driver.log().isOffline()).isFalse();
  }

  @Test
  void answersAReadThatCannotOpenItsSegmentWithAnErrorToTryAgain() throws IOException {
    LogDriver driver = open();
    driver.append(batch(1, "a"));
    driver.flush();
    files.withoutDescriptors(true);
    ReadOutcome outcome = driver.log().read(0, 1000, 1);
    assertThat(outcome).isInstanceOf(ReadOutcome.NeedsDisk.class);
    assertThat(((ReadOutcome.NeedsDisk) outcome).read().run())
        .isInstanceOfSatisfying(
            ReadOutcome.Unavailable.class,
            busy -> assertThat(busy.code()).isEqualTo(ErrorCode.OVERLOADED));
    files.withoutDescriptors(false);
    assertThat(driver.values()).containsExactly("a");
  }

  @Test
  void movesTheStartWhenSegmentsCannotBeKeptForTheirReaders() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < 40; i++) {
      driver.append(batch(1, "record with some length to fill segments " + i));
    }
    driver.flush();
    files.withoutDescriptors(true);
    var moved = driver.log().deleteBefore(30).toCompletableFuture();
    driver.loop().runAll();
    files.withoutDescriptors(false);
    driver.loop().runTimers();
    assertThat(moved).isCompletedWithValue(30L);
    assertThat(driver.log().isOffline()).isFalse();
    assertThat(driver.values()).hasSize(10);
  }

  private LogDriver open() throws IOException {
    return new LogDriver(files, ROOT.resolve("orders-0"), SMALL);
  }
}
