package dev.weir.broker.campaign;

import dev.weir.broker.process.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A disk whose writes are cut short all the time, and on which the flush of one partition fails
 * once before the power is cut: the bytes of that flush are gone.
 */
final class FaultyDisk implements Fault {
  private static final String PARTITION = "plain-0";

  private final LoopDisk disk;
  private final Path faults;
  private final Path library;

  private FaultyDisk(LoopDisk disk, Path faults, Path library) {
    this.disk = disk;
    this.faults = faults;
    this.library = library;
  }

  /** Why it cannot be had here; null when it can. */
  static @Nullable String unavailable() {
    try {
      Commands.run("cc", "--version");
      return LoopDisk.unavailable();
    } catch (IOException noCompiler) {
      return "there is no C compiler for the library that is preloaded: " + noCompiler.getMessage();
    }
  }

  static FaultyDisk create(Path dir, int mebibytes) throws IOException {
    Path faults = Files.createDirectories(dir.resolve("faults"));
    Path source = dir.resolve("faulty-disk.c");
    try (InputStream text = FaultyDisk.class.getResourceAsStream("faulty-disk.c")) {
      Files.write(source, Objects.requireNonNull(text).readAllBytes());
    }
    Path library = dir.resolve("faulty-disk.so");
    Commands.run(
        "cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString(), "-ldl");
    return new FaultyDisk(LoopDisk.create(dir, mebibytes), faults, library);
  }

  @Override
  public Path data() {
    return disk.path().resolve("data");
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "WEIR_FAULTS", faults.toString());
  }

  /**
   * Effective: that partition and no other went offline, its file was never flushed again, others
   * were acknowledged meanwhile, and the cut was one.
   */
  @Override
  public boolean strike(ServerProcess broker) throws IOException {
    HttpPages pages = new HttpPages(broker);
    Files.writeString(faults.resolve("fsync"), "/" + PARTITION + "/0");
    pages.awaitMeter("weir_partitions_offline", 1);
    double acknowledged = pages.meter("weir_produce_acknowledged_total");
    pages.awaitMeter("weir_produce_acknowledged_total", acknowledged + 20);
    boolean alone = pages.meter("weir_partitions_offline") == 1;
    boolean shown = pages.get("/health/ready").contains(PARTITION + " offline: flushing");
    String log = Files.readString(faults.resolve("log"));
    Files.delete(faults.resolve("log"));
    boolean once = log.lines().count() == 1 && log.startsWith("failed");
    return disk.cut(broker.process().pid()) && alone && shown && once;
  }

  @Override
  public void close() {
    disk.close();
    try {
      for (Path left : new Path[] {library, library.resolveSibling("faulty-disk.c")}) {
        Files.deleteIfExists(left);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
