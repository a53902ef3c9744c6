package dev.weir.broker.cli;

import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Moves what arrives from a subscription to the output; what waits is written when it is idle. */
final class Printing<T> {
  private static final Duration PROGRESS_INTERVAL = Progress.INTERVAL;
  private static final Duration INTERRUPT_GRACE = Duration.ofSeconds(5);

  private final ArrivalPrinter<T> printer;
  private final Progress progress;
  private final ArrivalQueue<T> arrivals;
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * @param window arrivals that may wait
   */
  Printing(ArrivalPrinter<T> printer, Progress progress, int window) {
    this.printer = printer;
    this.progress = progress;
    this.arrivals = new ArrivalQueue<>(window);
  }

  ArrivalQueue<T> arrivals() {
    return arrivals;
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
      if (!StandardOutput.readerIsGone(e)) {
        progress.breakOff();
        throw new CommandFailure("cannot write the output: " + e.getMessage());
      } // else as with head: the reader has what it wanted
    } catch (WeirException e) {
      progress.breakOff();
      throw e;
    } finally {
      arrivals.stop(); // after what was printed has been flushed
      done.countDown();
    }
  }

  /** Waits until what was received is printed and the subscription is cancelled. */
  void interrupt() {
    arrivals.end();
    try {
      done.await(INTERRUPT_GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void printAll() throws IOException, InterruptedException {
    while (!printer.isFull()) {
      ArrivalQueue.Signal<T> signal = next();
      if (signal == null) {
        return;
      }
      if (signal instanceof ArrivalQueue.End<T> end) {
        printer.flush();
        rethrow(end.error());
        return;
      }
      if (signal instanceof ArrivalQueue.Arrival<T> next) {
        print(next.what());
        arrivals.more();
      }
      progress.show(printer.printed());
    }
    printer.flush();
  }

  /** What is good before a corrupt batch is printed. */
  private void print(T arrived) throws IOException {
    try {
      printer.print(arrived);
    } catch (WeirException e) {
      printer.flush();
      throw e;
    }
  }

  /** Null when the printer needs no more. */
  private ArrivalQueue.@Nullable Signal<T> next() throws IOException, InterruptedException {
    ArrivalQueue.Signal<T> signal = arrivals.poll();
    if (signal == null) {
      printer.flush();
    }
    while (signal == null) {
      signal = arrivals.poll(PROGRESS_INTERVAL);
      progress.show(printer.printed());
      if (signal == null && printer.isDone()) {
        return arrivals.poll(); // what came before the printer looked
      }
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
