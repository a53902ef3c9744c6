package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What a broker delivers to many readers of one partition together, and the processor time that a
 * gigabyte costs it, beside Kafka: both brokers run all the time and are read in turns. All readers
 * read the same backlog from its beginning, again and again, each over a connection of its own.
 */
public final class FanOut {
  private static final Duration SETTLE = Duration.ofMillis(1_500);
  private static final String TOPIC = "fan-out";

  /** One way to be served, with its figures by number of readers. */
  private static final class Contestant {
    final String name;
    final long pid;
    final int port;
    final boolean takesBatchesApart;
    final IntFunction<Speaker> reader;
    final Map<Integer, Samples> rates = new LinkedHashMap<>();
    final Map<Integer, Samples> costs = new LinkedHashMap<>();
    final Map<Integer, Samples> cores = new LinkedHashMap<>();

    Contestant(
        String name, long pid, int port, boolean takesBatchesApart, IntFunction<Speaker> reader) {
      this.name = name;
      this.pid = pid;
      this.port = port;
      this.takesBatchesApart = takesBatchesApart;
      this.reader = reader;
    }
  }

  private final int runs;
  private final Duration window;
  private final int frameBytes;
  private final List<Integer> counts;
  private final List<Contestant> contestants = new ArrayList<>();

  private FanOut(int runs, Duration window, int frameBytes, List<Integer> counts) {
    this.runs = runs;
    this.counts = counts;
    this.window = window;
    this.frameBytes = frameBytes;
  }

  /**
   * Arguments: the repository's root, RUNS; {@code mib=} of the backlog, {@code seconds=} of each
   * measurement, {@code frame=} KiB that Weir's readers of batches ask for, {@code readers=} their
   * numbers, {@code level=fetch} without readers of records.
   */
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    FanOut benchmark;
    long bytes;
    boolean records;
    try {
      Options options =
          new Options(
              List.of(args).subList(1, args.length),
              1,
              Set.of("mib", "seconds", "frame", "readers", "level"));
      int runs = (int) options.place(0, "RUNS", 3);
      benchmark =
          new FanOut(
              runs,
              Duration.ofSeconds(options.number("seconds", 4)),
              options.number("frame", Backlog.FRAME_BYTES >> 10) << 10,
              options.numbers("readers", List.of(1, 10, 100, 1_000)));
      records = options.oneOf("level", "both", "fetch").equals("both");
      bytes = (long) options.number("mib", 256) << 20;
    } catch (IllegalArgumentException e) {
      System.err.println("fan-out: " + e.getMessage());
      System.exit(2);
      return;
    }
    Path target = Files.createDirectories(home.resolve("benchmarks/target"));
    Path dir = Files.createTempDirectory(target, "weir-fan-out");
    Leftovers leftovers = new Leftovers();
    leftovers.delete(dir);
    benchmark.run(home, dir, bytes, records, leftovers);
    System.out.println(benchmark.markdown(bytes));
    Path json = target.resolve("fan-out.json");
    Files.writeString(json, benchmark.json());
    System.err.println("also in " + json);
    System.exit(0); // clients may keep threads
  }

  private void run(Path home, Path dir, long bytes, boolean records, Leftovers leftovers)
      throws Exception {
    Peer weir = new WeirPeer(home, "", "strangers.max=2048", "strangers.address.max=2048");
    Peer kafka = new KafkaPeer();
    long weirPid = start(weir, Files.createDirectory(dir.resolve("weir")), leftovers);
    long kafkaPid = start(kafka, Files.createDirectory(dir.resolve("kafka")), leftovers);
    System.err.println("filling ...");
    Backlog backlog = Backlog.prepare(WeirPeer.PORT, TOPIC, bytes);
    long end = KafkaPeer.fill(TOPIC, bytes);
    contestants.add(
        new Contestant(
            "Weir, batches (`fetch`)",
            weirPid,
            WeirPeer.PORT,
            false,
            i -> backlog.ofBatches(WeirSubscriber.Kind.FAST, frameBytes)));
    contestants.add(
        new Contestant(
            kafka.name(), kafkaPid, KafkaPeer.PORT, false, i -> new KafkaFetcher(TOPIC, end)));
    if (records) {
      contestants.add(
          new Contestant(
              "Weir, records (`subscribe`)",
              weirPid,
              WeirPeer.PORT,
              true,
              i -> backlog.ofRecords(WeirSubscriber.Kind.FAST)));
    }
    for (int readers : counts) {
      for (int run = -1; run < runs; run++) {
        takeTurns(readers, run);
      }
    }
  }

  static long start(Peer peer, Path dir, Leftovers leftovers) throws Exception {
    peer.prepare(dir);
    Process server = peer.start(dir);
    leftovers.end(server);
    peer.awaitReady(dir, server);
    return server.pid();
  }

  /** The first run of each number of readers warms up and does not count. */
  private void takeTurns(int readers, int run) throws Exception {
    System.err.println(readers + " readers, " + (run < 0 ? "warm-up" : "run " + (run + 1)));
    for (int i = 0; i < contestants.size(); i++) {
      // each goes first in its turn
      measure(contestants.get(Math.floorMod(i + run, contestants.size())), readers, run >= 0);
    }
  }

  private void measure(Contestant contestant, int readers, boolean counts) throws Exception {
    List<Speaker> speakers = IntStream.range(0, readers).mapToObj(contestant.reader).toList();
    try (SocketLoad load = new SocketLoad(contestant.port, speakers)) {
      load.start();
      Thread.sleep(SETTLE.toMillis());
      double bytes = -sum(speakers);
      double cpu = -Machine.cpuSeconds(contestant.pid);
      double own = -Machine.cpuSeconds(ProcessHandle.current().pid());
      long start = Time.system().nanos();
      Thread.sleep(window.toMillis());
      double seconds = (Time.system().nanos() - start) / 1e9;
      bytes += sum(speakers);
      cpu += Machine.cpuSeconds(contestant.pid);
      own += Machine.cpuSeconds(ProcessHandle.current().pid());
      load.requireRunning();
      if (counts) {
        add(contestant.rates, readers, bytes / seconds / 1e6);
        add(contestant.costs, readers, cpu / (bytes / 1e9));
        add(contestant.cores, readers, own / seconds);
      }
    }
  }

  private static void add(Map<Integer, Samples> figures, int readers, double value) {
    figures.computeIfAbsent(readers, absent -> new Samples()).add(value);
  }

  private static double sum(List<Speaker> speakers) {
    return speakers.stream().mapToDouble(speaker -> (double) speaker.dataBytes()).sum();
  }

  private String markdown(long bytes) throws Exception {
    StringBuilder text = new StringBuilder();
    text.append(Machine.description()).append("; ").append(Machine.load()).append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "One partition with %d MiB of values of 100 B to 1 KiB in batches of 64 KiB; %d runs of"
                + " %d s in turns after one that does not count; both brokers with the JVM flags of"
                + " their own scripts. They and one other JVM, whose single thread reads all"
                + " sockets, counts and keeps nothing, share the cores. Kafka is asked for 1 MiB at"
                + " a time as its consumers do, Weir for frames of %d KiB (its consumers: 256);"
                + " for records the broker takes batches apart, with Kafka consumers do."
                + " Median (min to max).%n%n",
            bytes >> 20,
            runs,
            window.toSeconds(),
            frameBytes >> 10));
    text.append(
        "| readers | | together, MB/s | of Kafka's | broker's CPU seconds per GB | of Kafka's |"
            + " load, cores |\n");
    text.append("|---|---|---|---|---|---|---|\n");
    Contestant kafka = contestants.get(1);
    for (int readers : counts) {
      for (Contestant contestant : contestants) {
        text.append(
            String.format(
                Locale.ROOT,
                "| %,d | %s | %s | %s | %s | %s | %s |%n",
                readers,
                contestant.name,
                of(contestant.rates, readers).summary(),
                share(contestant, kafka, contestant.rates, kafka.rates, readers),
                of(contestant.costs, readers).summary(),
                share(contestant, kafka, contestant.costs, kafka.costs, readers),
                of(contestant.cores, readers).summary()));
      }
    }
    return text.toString();
  }

  private static Samples of(Map<Integer, Samples> figures, int readers) {
    return figures.getOrDefault(readers, new Samples());
  }

  /** Run by run, as both were measured one after the other. */
  private static String share(
      Contestant contestant,
      Contestant kafka,
      Map<Integer, Samples> ours,
      Map<Integer, Samples> theirs,
      int readers) {
    if (contestant == kafka || contestant.takesBatchesApart) {
      return "";
    }
    double[] our = of(ours, readers).values();
    double[] their = of(theirs, readers).values();
    Samples share = new Samples();
    for (int run = 0; run < our.length; run++) {
      share.add(our[run] / their[run]);
    }
    return share.percent();
  }

  private String json() throws Exception {
    StringBuilder text = new StringBuilder();
    text.append("{\"machine\": \"").append(Machine.description()).append("\", \"rows\": [");
    String separator = "\n  ";
    for (int readers : counts) {
      for (Contestant contestant : contestants) {
        text.append(separator)
            .append(
                String.format(
                    Locale.ROOT,
                    "{\"readers\": %d, \"name\": \"%s\", \"MBps\": %s, \"cpuSecondsPerGB\": %s,"
                        + " \"loadCores\": %s}",
                    readers,
                    contestant.name,
                    of(contestant.rates, readers).json(),
                    of(contestant.costs, readers).json(),
                    of(contestant.cores, readers).json()));
        separator = ",\n  ";
      }
    }
    return text.append("\n]}\n").toString();
  }
}
