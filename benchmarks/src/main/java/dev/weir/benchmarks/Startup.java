package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long a broker takes from the start of its process to "ready" and to the first record that is
 * acknowledged from stable storage, and how much memory it holds when idle after that. Every run
 * has a fresh data directory; peers take turns, so that noise hits them alike.
 */
public final class Startup {
  private static final long IDLE_SECONDS = 5;

  private final Samples ready = new Samples();
  private final Samples acknowledged = new Samples();
  private final Samples idle = new Samples();
  private final Peer peer;

  private Startup(Peer peer) {
    this.peer = peer;
  }

  /** Arguments: the repository's root, the number of runs, the peers: weir, kafka. */
  public static void main(String[] args) throws Exception {
    List<Startup> peers = new ArrayList<>();
    for (String name : List.of(args).subList(2, args.length)) {
      peers.add(
          new Startup(name.equals("kafka") ? new KafkaPeer() : new WeirPeer(Path.of(args[0]))));
    }
    int runs = Integer.parseInt(args[1]);
    for (int run = 0; run < runs; run++) {
      for (Startup peer : peers) {
        peer.run();
      }
    }
    System.out.println(Machine.description() + "; " + runs + " runs, median (min to max)");
    System.out.println();
    System.out.println("| | ready, ms | first acknowledged record, ms | idle memory, MB |");
    System.out.println("|---|---|---|---|");
    for (Startup p : peers) {
      System.out.println(
          "| "
              + String.join(
                  " | ",
                  p.peer.name(),
                  p.ready.summary(),
                  p.acknowledged.summary(),
                  p.idle.summary())
              + " |");
    }
    System.exit(0); // clients may keep threads
  }

  private void run() throws IOException, InterruptedException {
    Path dir = Files.createTempDirectory("weir-startup");
    peer.prepare(dir);
    long start = Time.system().nanos();
    Process process = peer.start(dir);
    try {
      peer.awaitReady(dir, process);
      ready.add(millisSince(start));
      peer.acknowledgeOne();
      acknowledged.add(millisSince(start));
      TimeUnit.SECONDS.sleep(IDLE_SECONDS);
      idle.add(Machine.megabytes(process.pid(), "VmRSS"));
    } finally {
      process.destroy();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      delete(dir);
    }
  }

  private static double millisSince(long nanos) {
    return (Time.system().nanos() - nanos) / 1e6;
  }

  static void delete(Path dir) throws IOException {
    try (Stream<Path> paths = Files.walk(dir)) {
      paths
          .sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
