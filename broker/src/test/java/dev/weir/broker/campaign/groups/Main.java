package dev.weir.broker.campaign.groups;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** {@code bin/campaign groups [SECONDS] [SEED] [restarts=N]}. */
final class Main {
  private static final int SECONDS = 300;
  private static final String RESTARTS = "restarts=";

  private Main() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> numbers = new ArrayList<>();
    int restarts = 0;
    for (String arg : args) {
      if (arg.matches(RESTARTS + "\\d{1,3}")) {
        restarts = Integer.parseInt(arg.substring(RESTARTS.length()));
      } else if (arg.matches("\\d{1,6}") && numbers.size() < 2) {
        numbers.add(arg);
      } else {
        System.err.println("usage: bin/campaign groups [SECONDS=300] [SEED] [restarts=0]");
        System.exit(2);
      }
    }
    int seconds = numbers.isEmpty() ? SECONDS : Integer.parseInt(numbers.get(0));
    long seed = numbers.size() < 2 ? System.nanoTime() & 0xffff : Long.parseLong(numbers.get(1));
    Path dir = Files.createTempDirectory("weir-groups");
    Path picture = Path.of(System.getProperty("basedir", "."), "target", "groups.png");
    boolean well = false;
    try {
      System.err.printf(
          "groups: %d s, seed %d, %d restarts of the broker, in %s%n",
          seconds, seed, restarts, dir);
      Verdict verdict = new Storm(dir, picture, seconds, seed, restarts).run();
      verdict.breaches().witnesses().forEach(System.err::println);
      System.out.printf("groups: %d s, seed %d, %d restarts%n", seconds, seed, restarts);
      System.out.print(verdict.table());
      System.out.println("drawn: " + picture.toAbsolutePath());
      well = verdict.well();
    } finally {
      if (well) {
        delete(dir);
      } else {
        System.err.println("groups: histories and logs stay in " + dir);
      }
    }
    System.exit(well ? 0 : 1);
  }

  private static void delete(Path dir) throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
