package dev.weir.broker.cli;

import dev.weir.client.Acks;
import dev.weir.client.SendResult;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Follows lines from the input to their acknowledgements and says how it went: nothing when every
 * line was delivered, one sentence otherwise.
 */
final class LineDelivery {
  private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(10);

  private final PumpedPublisher<byte[]> lines;
  private final SendTally<Long> tally;
  private final String done;
  private final Progress progress;
  private final AtomicBoolean told = new AtomicBoolean(); // one of two threads says how it went

  LineDelivery(PumpedPublisher<byte[]> lines, Acks acks) {
    this.lines = lines;
    this.tally = new SendTally<>(lines::stop);
    this.done = acks == Acks.NONE ? "sent" : "acknowledged";
    this.progress = new Progress(done, Progress.standardErrorIsTerminal());
  }

  SendTally<Long> tally() {
    return tally;
  }

  /**
   * Waits until every line taken has its result.
   *
   * @throws CommandFailure not every line of the input was delivered
   */
  void awaitEnd() throws InterruptedException {
    while (!tally.await(Progress.INTERVAL)) {
      progress.show(tally.acknowledged());
    }
    if (!told.compareAndSet(false, true)) {
      return; // the interrupting thread tells
    }
    @Nullable String reason = failure();
    if (reason == null) {
      progress.end(tally.acknowledged());
    } else {
      progress.breakOff();
      throw new CommandFailure(reason + "; " + account());
    }
  }

  /** Ends the input here, waits for the lines taken, and tells how many were delivered. */
  void interrupt() {
    if (!told.compareAndSet(false, true)) {
      return;
    }
    lines.stop();
    try {
      boolean complete = tally.await(INTERRUPT_GRACE);
      progress.breakOff();
      System.err.println(
          "weir: interrupted; " + account() + (complete ? "" : ", others without an answer"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable String failure() {
    @Nullable SendResult<Long> failed = tally.firstFailed();
    if (failed != null && failed.error() != null) {
      return "line " + failed.correlation() + ": " + failed.error().getMessage();
    }
    @Nullable Throwable error = tally.streamError();
    if (error != null) {
      return message(error);
    }
    @Nullable Exception input = lines.failure();
    return input == null ? null : message(input);
  }

  private String account() {
    long acknowledged = tally.acknowledged();
    return acknowledged
        + (acknowledged == 1 ? " line was " : " lines were ")
        + done
        + (tally.failed() == 0 ? "" : ", " + tally.failed() + " failed");
  }

  private static String message(Throwable error) {
    String message = String.valueOf(error.getMessage() == null ? error : error.getMessage());
    return message.lines().findFirst().orElse("");
  }
}
