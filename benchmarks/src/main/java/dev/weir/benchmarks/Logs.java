package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Waits for what a process prints. */
final class Logs {
  private static final long POLL_MILLIS = 2;

  private Logs() {}

  /**
   * Returns when a line with these words is complete.
   *
   * @throws IOException the process ended or took too long
   */
  static void await(Path log, Process process, String words, Duration longest)
      throws IOException, InterruptedException {
    long deadline = Time.system().nanos() + longest.toNanos();
    while (Time.system().nanos() < deadline) {
      String text = Files.readString(log, StandardCharsets.ISO_8859_1);
      int at = text.indexOf(words);
      if (at >= 0 && text.indexOf('\n', at) > 0) {
        return;
      }
      if (!process.isAlive()) {
        throw new IOException("the process ended before it printed '" + words + "':\n" + text);
      }
      Thread.sleep(POLL_MILLIS);
    }
    throw new IOException("'" + words + "' was not printed within " + longest);
  }
}
