package dev.weir.broker.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Input of the kind people have: many short lines, many of them empty, some long. */
final class Lines {
  private static final Path APT_CACHE = Path.of("/usr/bin/apt-cache");
  private static final int GENERATED = 200_000;

  private Lines() {}

  /** The package list of the machine, 1.17 million lines on a full one; generated lines without. */
  static Path real(Path dir) throws IOException, InterruptedException {
    Path file = dir.resolve("input");
    if (Files.isExecutable(APT_CACHE)) {
      Process dump =
          new ProcessBuilder(APT_CACHE.toString(), "dumpavail")
              .redirectOutput(file.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (dump.waitFor(60, TimeUnit.SECONDS)
          && dump.exitValue() == 0
          && Files.size(file) > 1 << 20) {
        return file;
      }
    }
    return generated(dir);
  }

  /** Printable Latin-1 and carriage returns, every fourth line empty. */
  static Path generated(Path dir) throws IOException {
    Path file = dir.resolve("generated");
    Random random = new Random(7);
    try (BufferedWriter out = Files.newBufferedWriter(file, ISO_8859_1)) {
      for (int i = 0; i < GENERATED; i++) {
        int length = i % 4 == 0 ? 0 : i % 1_000 == 1 ? random.nextInt(20_000) : random.nextInt(90);
        for (int j = 0; j < length; j++) {
          out.write((char) (random.nextInt(50) == 0 ? '\r' : ' ' + random.nextInt(224)));
        }
        out.write('\n');
      }
    }
    return file;
  }

  static List<String> of(Path file) throws IOException {
    String text = Files.readString(file, ISO_8859_1);
    List<String> lines = List.of(text.split("\n", -1));
    return text.endsWith("\n") ? lines.subList(0, lines.size() - 1) : lines;
  }

  /** Whether every line of the part is in the whole, in the same order. */
  static boolean inOrder(List<String> part, List<String> whole) {
    int next = 0;
    for (String line : whole) {
      if (next < part.size() && part.get(next).equals(line)) {
        next++;
      }
    }
    return next == part.size();
  }
}
