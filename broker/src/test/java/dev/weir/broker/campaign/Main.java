package dev.weir.broker.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code bin/campaign kill|power-cut [CYCLES] [SEED]}. */
final class Main {
  private static final int DISK_MEBIBYTES = 8 << 10; // a sparse file

  private Main() {}

  public static void main(String[] args) throws IOException {
    String kind = args.length > 0 ? args[0] : "";
    int cycles = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    long seed = args.length > 2 ? Long.parseLong(args[2]) : System.nanoTime() & 0xffff;
    if (!List.of("kill", "power-cut").contains(kind) || cycles < 1) {
      System.err.println("usage: bin/campaign kill|power-cut [CYCLES=200] [SEED]");
      System.exit(2);
    }
    Path dir = Files.createTempDirectory("weir-campaign");
    boolean well = false;
    try (Fault fault =
        kind.equals("kill") ? Fault.kill(dir) : Fault.powerCut(dir, DISK_MEBIBYTES)) {
      Report report = new Campaign(kind, fault, dir, Map.of(), seed).run(cycles);
      report.failures().forEach(System.err::println);
      System.out.println(report.summary());
      well = report.failures().isEmpty();
    } finally {
      delete(dir);
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
