package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Two idempotent producers that append, roll, flush, retry, close and reopen, always in the same
 * way, and remember what was acknowledged. After a crash they go on like real ones: what was not
 * acknowledged is sent again, in order.
 */
final class ProducingScript extends LogScript {
  static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(2048).withIndexIntervalBytes(150);

  private static final int BATCHES = 60;
  private static final int BATCHES_PER_FLUSH = 4;

  /** What was sent, oldest first; the log must hold the same, from its start. */
  private record Sent(ByteBuffer batch, String value, long offset) {}

  private final List<Sent> sent = new ArrayList<>();
  private final int[] nextSequence = new int[2];

  ProducingScript(SimulatedLogFiles files) {
    super(files, SETTINGS);
  }

  @Override
  public void run() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < BATCHES && isOnline(); i++) {
      send(driver, i % 3 == 2 ? 1 : 0);
      if (i % BATCHES_PER_FLUSH == 1) {
        beginFlush(driver);
      }
      if (i % BATCHES_PER_FLUSH == 3) {
        flush(driver);
      }
      if (i % 10 == 9 && isOnline()) {
        retryNewest(driver);
      }
      if (i == BATCHES / 2 && isOnline()) {
        close(driver);
        driver = open();
      }
    }
    flush(driver);
    close(driver);
  }

  @Override
  public void recoverAndGoOn() throws IOException {
    LogDriver recovered = reopen();
    List<String> found = recovered.values();
    assertThat(found).isEqualTo(sentValues().subList(0, found.size()));
    for (int i = (int) acknowledged(); i < sent.size(); i++) {
      Sent batch = sent.get(i);
      assertThat(tryAppend(recovered, batch.batch(), AppendOrigin.CLIENT))
          .isEqualTo(
              i < found.size()
                  ? new AppendOutcome.Duplicate(batch.offset(), batch.offset())
                  : new AppendOutcome.Appended(batch.offset(), batch.offset(), -1));
    }
    assertThat(recovered.values()).isEqualTo(sentValues());
    for (int i = 0; i < 6; i++) {
      send(recovered, i % 2);
      flush(recovered);
    }
    close(recovered);
    LogDriver reopened = openClean();
    assertThat(reopened.values()).isEqualTo(sentValues());
    retryNewest(reopened);
  }

  private void send(LogDriver driver, int producer) {
    // some are longer than two sectors, so that a torn one can have a hole
    String padding = "-".repeat(sent.size() % 6 == 4 ? 1200 : sent.size() % 7);
    String value = "batch " + sent.size() + " of producer " + producer + padding;
    ByteBuffer batch = TestBatches.batch(100 + producer, 0, nextSequence[producer], value);
    nextSequence[producer]++;
    sent.add(new Sent(batch, value, sent.size()));
    append(driver, batch, sent.size() - 1);
  }

  /** The flush is done on disk, but the log hears of it later. */
  private static void beginFlush(LogDriver driver) {
    driver.log().requestFlush();
    driver.loop().runOne();
  }

  private void retryNewest(LogDriver driver) {
    Sent newest = sent.get(sent.size() - 1);
    assertThat(tryAppend(driver, newest.batch(), AppendOrigin.CLIENT))
        .isEqualTo(new AppendOutcome.Duplicate(newest.offset(), newest.offset()));
  }

  private List<String> sentValues() {
    return sent.stream().map(Sent::value).toList();
  }
}
