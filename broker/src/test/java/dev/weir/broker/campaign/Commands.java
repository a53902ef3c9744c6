package dev.weir.broker.campaign;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs of the machine. */
final class Commands {
  private Commands() {}

  /**
   * Runs it and returns what it printed.
   *
   * @throws IOException it cannot be started, or ends with another code than 0; the message has its
   *     output
   */
  static String run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int code = process.onExit().join().exitValue();
    if (code != 0) {
      throw new IOException(List.of(command) + " ended with " + code + ": " + output);
    }
    return output;
  }
}
