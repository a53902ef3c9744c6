package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lines a second through {@code bin/weir produce} and {@code bin/weir consume}, their own start
 * included, and the memory that the broker took for it. The input is {@code apt-cache dumpavail};
 * what comes out is compared with it, byte by byte.
 */
public final class LineThroughput {
  private static final String SERVER = "127.0.0.1:" + WeirPeer.PORT;

  private final Path home;
  private final Path dir;

  private LineThroughput(Path home, Path dir) {
    this.home = home;
    this.dir = dir;
  }

  /** Arguments: the repository's root, the number of runs. */
  public static void main(String[] args) throws Exception {
    Path dir = Files.createTempDirectory("weir-lines");
    try {
      new LineThroughput(Path.of(args[0]), dir).measure(Integer.parseInt(args[1]));
    } finally {
      Startup.delete(dir);
    }
  }

  private void measure(int runs) throws IOException, InterruptedException {
    Path input = dir.resolve("input");
    require(
        new ProcessBuilder("apt-cache", "dumpavail")
            .redirectOutput(input.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
    long lines = count(input);
    Peer weir = new WeirPeer(home);
    Process server = weir.start(dir);
    Samples produced = new Samples();
    Samples consumed = new Samples();
    Samples memory = new Samples();
    try {
      weir.awaitReady(dir, server);
      for (int run = 0; run < runs; run++) {
        String topic = "packages" + run;
        weir(null, null, "topic", "create", topic);
        produced.add(lines / weir(input, null, "produce", topic));
        Path output = dir.resolve("output");
        consumed.add(
            lines / weir(null, output, "consume", topic, "--from", "earliest", "--exit-at-end"));
        if (Files.mismatch(input, output) != -1) {
          throw new IOException("what came out is not what went in");
        }
        memory.add(Machine.megabytes(server.pid(), "VmHWM"));
      }
    } finally {
      server.destroy();
      server.waitFor(30, TimeUnit.SECONDS);
    }
    System.out.println(Machine.description() + "; " + runs + " runs, median (min to max)");
    System.out.printf(
        Locale.ROOT, "%,d lines, %,d bytes, one partition, acks=all%n%n", lines, Files.size(input));
    System.out.println("| | produce, lines/s | consume, lines/s | broker's highest memory, MB |");
    System.out.println("|---|---|---|---|");
    System.out.println(
        "| "
            + String.join(
                " | ", weir.name(), produced.summary(), consumed.summary(), memory.summary())
            + " |");
  }

  /** Runs a command to its end and returns the seconds it took. */
  private double weir(@Nullable Path in, @Nullable Path out, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(home.resolve("bin/weir").toString()));
    command.addAll(List.of(args));
    command.addAll(List.of("--server", SERVER));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.redirectInput((in == null ? Path.of("/dev/null") : in).toFile());
    builder.redirectOutput((out == null ? Path.of("/dev/null") : out).toFile());
    long start = Time.system().nanos();
    require(builder.start());
    return Math.max(1, Duration.ofNanos(Time.system().nanos() - start).toMillis()) / 1e3;
  }

  private static void require(Process process) throws IOException, InterruptedException {
    if (process.waitFor() != 0) {
      throw new IOException(process.info().commandLine().orElse("a command") + " failed");
    }
  }

  private static long count(Path file) throws IOException {
    long lines = 0;
    for (byte b : Files.readAllBytes(file)) {
      lines += b == '\n' ? 1 : 0;
    }
    return lines;
  }
}
