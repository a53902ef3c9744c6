package dev.weir.broker.cli;

import dev.weir.client.ConsumerBatch;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Moves batches from a subscription to the output; what waits is written as soon as it is idle. */
final class Printing {
  private static final Duration PROGRESS_INTERVAL = Progress.INTERVAL;
  private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(5);

  private final RecordPrinter printer;
  private final Progress progress;
  private final BatchQueue batches = new BatchQueue();
  private final CountDownLatch done = new CountDownLatch(1);

  Printing(RecordPrinter printer, Progress progress) {
    this.printer = printer;
    this.progress = progress;
  }

  BatchQueue batches() {
    return batches;
  }

  /**
   * Prints until the subscription ends, the limit is reached or nobody reads the output any more.
   *
   * @throws WeirException why the subscription ended early
   */
  void run() throws InterruptedException {
    try {
      printAll();
      progress.end(printer.printed());
    } catch (IOException e) {
      batches.stop();
      if (!StandardOutput.readerIsGone(e)) {
        progress.breakOff();
        throw new CommandFailure("cannot write the output: " + e.getMessage());
      } // else as with head: the reader has what it wanted
    } catch (WeirException e) {
      progress.breakOff();
      throw e;
    } finally {
      done.countDown();
    }
  }

  /** Stops reading and waits until what was received is printed. */
  void interrupt() {
    batches.stop();
    try {
      done.await(INTERRUPT_GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void printAll() throws IOException, InterruptedException {
    while (!printer.isFull()) {
      BatchQueue.Signal signal = next();
      if (signal instanceof BatchQueue.End end) {
        printer.flush();
        rethrow(end.error());
        return;
      }
      if (signal instanceof BatchQueue.Batch next) {
        print(next.batch());
        batches.more();
      }
      progress.show(printer.printed());
    }
    printer.flush();
    batches.stop();
  }

  /** What is good before a corrupt batch is printed. */
  private void print(ConsumerBatch batch) throws IOException {
    try {
      printer.print(batch);
    } catch (WeirException e) {
      batches.stop();
      printer.flush();
      throw e;
    }
  }

  private BatchQueue.Signal next() throws IOException, InterruptedException {
    BatchQueue.@Nullable Signal signal = batches.poll();
    if (signal == null) {
      printer.flush();
    }
    while (signal == null) {
      signal = batches.poll(PROGRESS_INTERVAL);
      progress.show(printer.printed());
    }
    return signal;
  }

  private static void rethrow(@Nullable Throwable error) {
    if (error instanceof RuntimeException e) {
      throw e;
    }
    if (error != null) {
      throw new IllegalStateException(error);
    }
  }
}
