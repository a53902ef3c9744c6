package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Two producers that append and roll while the start of the log moves: into the middle of segments,
 * between them, to the end of the log, and by retention. Remembers what was acknowledged, of the
 * batches and of the starts.
 */
final class TrimmingScript extends LogScript {
  private static final int BATCHES = 26;

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withRetention(RetentionSettings.DEFAULTS.withMaxBytes(1500));

  private record Sent(ByteBuffer batch, String value, long offset) {}

  private final List<Sent> sent = new ArrayList<>();
  private final int[] nextSequence = new int[2];
  private long startAcknowledged;
  private long startWanted;

  TrimmingScript(SimulatedLogFiles files) {
    super(files, SETTINGS);
  }

  @Override
  public void run() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < BATCHES && isOnline(); i++) {
      // the second producer is silent from some moment on: its batches are deleted, it is not
      send(driver, i < 5 ? i % 2 : 0);
      switch (i) {
        case 7 -> deleteBefore(driver, 3);
        case 13 -> {
          flush(driver);
          deleteBefore(driver, 10);
        }
        case 16 -> deleteBefore(driver, sent.size());
        case 22 -> retain(driver);
        case 24 -> {
          close(driver);
          driver = open();
        }
        default -> {
          if (i % 4 == 3) {
            flush(driver);
          }
        }
      }
    }
    if (isOnline()) {
      close(driver);
    }
  }

  @Override
  public void recoverAndGoOn() throws IOException {
    LogDriver recovered = reopen();
    long start = recovered.log().logStartOffset();
    long end = recovered.log().logEndOffset();
    assertThat(start).as("deleted records stay deleted").isGreaterThanOrEqualTo(startAcknowledged);
    assertThat(start).as("nothing else is deleted").isLessThanOrEqualTo(startWanted);
    assertThat(readable(recovered)).isEqualTo(sentValues(start, end));
    hasNoLeftovers(start);
    for (int i = (int) acknowledged(); i < sent.size(); i++) {
      Sent batch = sent.get(i);
      assertThat(tryAppend(recovered, batch.batch(), AppendOrigin.CLIENT))
          .isEqualTo(
              i < end
                  ? new AppendOutcome.Duplicate(batch.offset(), batch.offset())
                  : new AppendOutcome.Appended(batch.offset(), batch.offset(), -1));
    }
    for (int producer = 0; producer < 2; producer++) {
      send(recovered, producer); // both are known, wherever their batches are
    }
    deleteBefore(recovered, sent.size() - 1);
    assertThat(startAcknowledged).isEqualTo(sent.size() - 1);
    close(recovered);
    LogDriver reopened = openClean();
    assertThat(reopened.log().logStartOffset()).isEqualTo(startAcknowledged);
    assertThat(readable(reopened)).isEqualTo(sentValues(startAcknowledged, sent.size()));
  }

  private void send(LogDriver driver, int producer) {
    String value = sent.size() + " of producer " + producer + "-".repeat(150 * (sent.size() % 4));
    ByteBuffer batch = TestBatches.batch(100 + producer, 0, nextSequence[producer], value);
    Sent added = new Sent(batch, value, sent.size());
    sent.add(added);
    nextSequence[producer]++;
    append(driver, batch, added.offset());
    driver.loop().runOne();
  }

  private void deleteBefore(LogDriver driver, long offset) {
    startWanted = Math.max(startWanted, offset);
    CompletableFuture<Long> deleted = driver.log().deleteBefore(offset).toCompletableFuture();
    run(driver);
    if (!deleted.isCompletedExceptionally()) {
      assertThat(deleted).isCompletedWithValue(Math.max(startAcknowledged, offset));
    }
  }

  private void retain(LogDriver driver) {
    startWanted = Math.max(startWanted, sent.size()); // at most: it decides by itself
    driver.log().retain(1_700_000_000_000L, driver.log().logEndOffset());
    run(driver);
  }

  @Override
  void onStep(LogDriver driver) {
    startAcknowledged = Math.max(startAcknowledged, driver.log().logStartOffset());
  }

  /** From the start on; what its first batch has below is not counted. */
  private static List<String> readable(LogDriver driver) throws IOException {
    return driver.log().logStartOffset() == driver.log().logEndOffset()
        ? List.of()
        : driver.values();
  }

  private List<String> sentValues(long from, long to) {
    return sent.subList((int) from, (int) to).stream().map(Sent::value).toList();
  }

  /** One segment may begin below the start, nothing else. */
  private void hasNoLeftovers(long start) throws IOException {
    long first = Long.MAX_VALUE;
    for (String name : files().list(DIRECTORY)) {
      OptionalLong base = LogNames.offsetIn(name, LogNames.LOG);
      first = Math.min(first, base.orElse(Long.MAX_VALUE));
    }
    assertThat(first).isLessThanOrEqualTo(start);
    int below = 0;
    for (String name : files().list(DIRECTORY)) {
      OptionalLong base = LogNames.offsetIn(name, LogNames.LOG);
      below += base.isPresent() && base.getAsLong() <= start ? 1 : 0;
      for (String suffix :
          List.of(
              LogNames.OFFSET_INDEX,
              LogNames.TIME_INDEX,
              LogNames.PRODUCER_SNAPSHOT,
              LogNames.PRODUCER_HISTORY)) {
        assertThat(LogNames.offsetIn(name, suffix).orElse(Long.MAX_VALUE))
            .as(name)
            .isGreaterThanOrEqualTo(first);
      }
    }
    assertThat(below).isBetween(1, 2); // one more where a snapshot was missing
  }
}
