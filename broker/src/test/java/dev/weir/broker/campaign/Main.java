package dev.weir.broker.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code bin/campaign kill|power-cut|failed-flush [CYCLES] [SEED]}. */
final class Main {
  private static final int DISK_MEBIBYTES = 8 << 10; // a sparse file

  private static final List<String> KINDS = List.of("kill", "power-cut", "failed-flush");

  private Main() {}

  public static void main(String[] args) throws IOException {
    String kind = args.length > 0 ? args[0] : "";
    int cycles = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    long seed = args.length > 2 ? Long.parseLong(args[2]) : System.nanoTime() & 0xffff;
    if (!KINDS.contains(kind) || cycles < 1) {
      System.err.println("usage: bin/campaign " + String.join("|", KINDS) + " [CYCLES=200] [SEED]");
      System.exit(2);
    }
    Path dir = Files.createTempDirectory("weir-campaign");
    boolean well = false;
    try (Fault fault = fault(kind, dir)) {
      Report report = new Campaign(kind, fault, dir, Map.of(), seed).run(cycles);
      report.failures().forEach(System.err::println);
      System.out.println(report.summary());
      well = report.failures().isEmpty();
    } finally {
      delete(dir);
    }
    System.exit(well ? 0 : 1);
  }

  private static Fault fault(String kind, Path dir) throws IOException {
    return switch (kind) {
      case "kill" -> Fault.kill(dir);
      case "power-cut" -> Fault.powerCut(dir, DISK_MEBIBYTES);
      default -> FaultyDisk.create(dir, DISK_MEBIBYTES);
    };
  }

  private static void delete(Path dir) throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
