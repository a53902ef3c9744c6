package dev.weir.broker.cli;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** One line on standard error that is written over again and again, when that is a terminal. */
final class Progress {
  /** No more often than this is anything written. */
  static final Duration INTERVAL = Duration.ofMillis(500);

  /** bin/weir says so; without it the kernel is asked. */
  private static final String TERMINAL_PROPERTY = "weir.stderr.terminal";

  private final PrintStream err = System.err;
  private final Time time = Time.system();
  private final String done;
  private final boolean shown;
  private final long startNanos = time.nanos();
  private boolean written;
  private long writtenNanos = startNanos;

  /**
   * @param done what was done with the lines counted, for example "acknowledged"
   */
  Progress(String done, boolean shown) {
    this.done = done;
    this.shown = shown;
  }

  void show(long lines) {
    if (shown && time.nanos() - writtenNanos >= INTERVAL.toNanos()) {
      write(lines);
    }
  }

  /** Leaves the last state on its own line. */
  void end(long lines) {
    if (shown) {
      write(lines);
      err.println();
    }
  }

  /** Ends the line, if there is one, so that a message can follow. */
  void breakOff() {
    if (written) {
      err.println();
    }
  }

  private void write(long lines) {
    err.print("\r" + text(lines) + "  ");
    err.flush();
    written = true;
    writtenNanos = time.nanos();
  }

  private String text(long lines) {
    double seconds = Math.max(1, time.nanos() - startNanos) / 1e9;
    return String.format(
        Locale.ROOT,
        "%,d lines %s in %.1f s, %,.0f a second",
        lines,
        done,
        seconds,
        lines / seconds);
  }

  static boolean standardErrorIsTerminal() {
    String told = System.getProperty(TERMINAL_PROPERTY);
    return told != null ? told.equals("true") : isTerminal(2);
  }

  static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
