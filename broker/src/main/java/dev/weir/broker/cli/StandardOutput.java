package dev.weir.broker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What standard output is connected to. */
final class StandardOutput {
  private static final Path DESCRIPTOR = Path.of("/proc/self/fd/1");

  private StandardOutput() {}

  /**
   * Whether a failed write means that nobody reads any more. To a pipe or socket no other failure
   * is likely; the system's words are in the language of the locale, so they are only a fallback
   * where there is no {@code /proc}.
   */
  static boolean readerIsGone(IOException failedWrite) {
    try {
      String target = Files.readSymbolicLink(DESCRIPTOR).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException | UnsupportedOperationException e) {
      String words = String.valueOf(failedWrite.getMessage());
      return words.toLowerCase(Locale.ROOT).contains("broken pipe");
    }
  }
}
