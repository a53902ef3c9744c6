package dev.weir.benchmarks;

import dev.weir.benchmarks.MemoryFlow.Moment;
import dev.weir.benchmarks.WeirSubscriber.Kind;
import dev.weir.core.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Do subscribers that hardly read, or not at all, slow down the others or fill the broker's memory?
 * Many fast subscribers of one partition read a backlog alone and then beside slow ones, in turns;
 * each subscriber has a connection of its own and each turn begins at the earliest record.
 */
public final class Subscribers {
  private static final int PORT = WeirPeer.PORT;
  private static final String JAVA_OPTIONS = "-Xmx128m -XX:MaxDirectMemorySize=64m";
  private static final Duration SETTLE = Duration.ofSeconds(3);
  private static final Duration LONGEST_END = Duration.ofSeconds(30);
  private static final String TOPIC = "backlog";

  /** Figures of turns with, or without, the slow subscribers. */
  private static final class Side {
    final Samples megabytes = new Samples();
    final Samples messages = new Samples();
    final Samples slowest = new Samples();
    final Samples cpuPerGigabyte = new Samples();
    final Samples brokerCores = new Samples();
    final Samples loadCores = new Samples();
  }

  private final int seconds;
  private final int fast;
  private final int slow;
  private final boolean recordLevel;
  private final Side alone = new Side();
  private final Side together = new Side();
  private final Samples ratio = new Samples();
  private final MemoryFlow flow = new MemoryFlow();
  private int reconnects;
  private long asked;

  private Subscribers(Options options) {
    this.seconds = (int) options.place(0, "SECONDS", 60);
    this.fast = options.number("fast", 900);
    this.slow = options.number("slow", 100);
    String level = options.text("level", "records");
    if (!List.of("records", "fetch").contains(level)) {
      throw new IllegalArgumentException("level must be records or fetch, not " + level);
    }
    this.recordLevel = level.equals("records");
  }

  /**
   * Arguments: the repository's root, SECONDS of a turn, GIB of the backlog; {@code dir=} where the
   * backlog stays for other runs, {@code level=records} or {@code fetch}, {@code pairs=}, {@code
   * fast=}, {@code slow=}.
   */
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Options options;
    Subscribers benchmark;
    double gib;
    int pairs;
    try {
      options =
          new Options(
              List.of(args).subList(1, args.length),
              2,
              Set.of("dir", "level", "pairs", "fast", "slow"));
      benchmark = new Subscribers(options);
      gib = options.place(1, "GIB", 5);
      pairs = options.number("pairs", 2);
    } catch (IllegalArgumentException e) {
      System.err.println("subscribers: " + e.getMessage());
      System.exit(2);
      return;
    }
    Path target = Files.createDirectories(home.resolve("benchmarks/target"));
    String kept = options.text("dir", "");
    Path dir =
        kept.isEmpty()
            ? Files.createTempDirectory(target, "weir-subscribers")
            : Files.createDirectories(Path.of(kept));
    Leftovers leftovers = new Leftovers();
    if (kept.isEmpty()) {
      leftovers.delete(dir);
    }
    benchmark.run(home, dir, (long) (gib * (1L << 30)), pairs, leftovers);
    System.out.print(benchmark.markdown(gib, pairs));
    Path json = target.resolve("subscribers.json");
    Files.writeString(json, benchmark.json());
    Path picture = target.resolve("subscribers.png");
    SubscribersPicture.draw(
        benchmark.flow,
        benchmark.fast + " fast subscribers of one partition",
        "alone",
        "beside " + benchmark.slow + " slow ones and one that never reads",
        picture);
    System.err.println("also in " + json + " and " + picture);
    System.exit(0); // clients may keep threads
  }

  private void run(Path home, Path dir, long bytes, int pairs, Leftovers leftovers)
      throws Exception {
    WeirPeer weir =
        new WeirPeer(home, JAVA_OPTIONS, "strangers.max=2048", "strangers.address.max=2048");
    Process server = weir.start(dir);
    leftovers.end(server);
    weir.awaitReady(dir, server);
    System.err.println("filling ...");
    Backlog backlog = Backlog.prepare(PORT, TOPIC, bytes);
    try (BrokerWatch watch = new BrokerWatch(server.pid(), PORT + 1)) {
      System.err.println("one turn to warm up ...");
      turn(backlog, watch, 0, true, new Side());
      for (int pair = 0; pair < pairs; pair++) {
        // each goes first every other time
        double first = turn(backlog, watch, 2 * pair + pair % 2, false, sideOf(pair));
        double second = turn(backlog, watch, 2 * pair + 1 - pair % 2, false, sideOf(pair + 1));
        double without = pair % 2 == 0 ? first : second;
        double with = pair % 2 == 0 ? second : first;
        ratio.add(with / without);
        System.err.printf(Locale.ROOT, "  pair %d: %.0f and %.0f MB/s%n", pair + 1, without, with);
      }
    }
  }

  private Side sideOf(int number) {
    return number % 2 == 0 ? alone : together;
  }

  /** Returns the MB/s of the fast together. */
  private double turn(Backlog backlog, BrokerWatch watch, int number, boolean warmUp, Side side)
      throws Exception {
    List<WeirSubscriber> fastOnes = subscribers(backlog, Kind.FAST, fast);
    List<WeirSubscriber> all = new ArrayList<>(fastOnes);
    List<WeirSubscriber> slowOnes = new ArrayList<>();
    if (number % 2 == 1) {
      slowOnes.addAll(subscribers(backlog, Kind.SLOW, slow));
      all.addAll(slowOnes);
      all.addAll(subscribers(backlog, Kind.DEAF, 1));
    }
    double rate;
    try (SocketLoad load = new SocketLoad(PORT, all)) {
      load.start();
      Thread.sleep(SETTLE.toMillis());
      long[] before = fastOnes.stream().mapToLong(WeirSubscriber::dataBytes).toArray();
      long messages = sum(fastOnes, false);
      double cpu = watch.cpuSeconds();
      double ownCpu = Machine.cpuSeconds(ProcessHandle.current().pid());
      long start = Time.system().nanos();
      for (int second = 0; second < seconds; second++) {
        second(load, fastOnes, watch, number, warmUp);
      }
      double took = (Time.system().nanos() - start) / 1e9;
      double bytes = (double) (sum(fastOnes, true) - Arrays.stream(before).sum());
      cpu = watch.cpuSeconds() - cpu;
      ownCpu = Machine.cpuSeconds(ProcessHandle.current().pid()) - ownCpu;
      double least = Double.MAX_VALUE;
      for (int i = 0; i < fast; i++) {
        least = Math.min(least, (double) (fastOnes.get(i).dataBytes() - before[i]));
      }
      rate = bytes / took / 1e6;
      side.megabytes.add(rate);
      side.messages.add((sum(fastOnes, false) - messages) / took);
      side.slowest.add(100 * least / (bytes / fast));
      side.cpuPerGigabyte.add(cpu / (bytes / 1e9));
      side.brokerCores.add(cpu / took);
      side.loadCores.add(ownCpu / took);
      reconnects += load.reconnects();
      asked += sum(slowOnes, false);
    }
    awaitNobody(watch);
    return rate;
  }

  private void second(
      SocketLoad load, List<WeirSubscriber> fastOnes, BrokerWatch watch, int turn, boolean warmUp)
      throws Exception {
    long bytes = sum(fastOnes, true);
    long start = Time.system().nanos();
    Thread.sleep(1000);
    load.requireRunning();
    double took = (Time.system().nanos() - start) / 1e9;
    double rate = (double) (sum(fastOnes, true) - bytes) / took / 1e6;
    if (!warmUp) {
      flow.add(
          new Moment(
              turn,
              flow.nextSecond(took),
              rate,
              watch.residentMegabytes(),
              watch.heapMegabytes(),
              watch.directMegabytes()));
    }
  }

  private List<WeirSubscriber> subscribers(Backlog backlog, Kind kind, int count) {
    List<WeirSubscriber> subscribers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      subscribers.add(recordLevel ? backlog.ofRecords(kind) : backlog.ofBatches(kind));
    }
    return subscribers;
  }

  private static long sum(List<WeirSubscriber> subscribers, boolean bytes) {
    return subscribers.stream().mapToLong(each -> bytes ? each.dataBytes() : each.messages()).sum();
  }

  private static void awaitNobody(BrokerWatch watch) throws IOException, InterruptedException {
    long deadline = Time.system().nanos() + LONGEST_END.toNanos();
    while (watch.meter("weir_connections") > 0) {
      if (Time.system().nanos() > deadline) {
        throw new IOException("the broker still has connections that were closed");
      }
      Thread.sleep(200);
    }
  }

  private String markdown(double gib, int pairs) throws IOException {
    String unit = recordLevel ? "records" : "frames";
    StringBuilder text = new StringBuilder();
    text.append(Machine.description()).append("; ").append(Machine.load()).append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "One partition, %.1f GiB of values of 100 B to 1 KiB; %s of %d s after %d s of warm-up,"
                + " alone and beside the slow in turns; broker with %s; route %s. The broker's JVM"
                + " and one other, whose single thread reads all sockets and keeps nothing, share"
                + " the cores. Median (min to max).%n%n",
            gib,
            pairs + (pairs == 1 ? " pair of turns" : " pairs of turns"),
            seconds,
            SETTLE.toSeconds(),
            JAVA_OPTIONS,
            recordLevel ? "subscribe, one message a record" : "fetch, batches"));
    text.append(
        String.format(
            Locale.ROOT,
            "| | %d fast alone | beside %d that ask for one %s a minute and 1 that never reads |%n",
            fast,
            slow,
            recordLevel ? "record" : "frame"));
    text.append("|---|---|---|\n");
    row(text, "the fast together, MB/s", alone.megabytes, together.megabytes);
    text.append("| of their speed alone, by pair | | ").append(ratio.percent()).append(" |\n");
    row(text, unit + "/s", alone.messages, together.messages);
    row(text, "the slowest of the fast, % of their mean", alone.slowest, together.slowest);
    row(text, "broker: CPU seconds per GB", alone.cpuPerGigabyte, together.cpuPerGigabyte);
    row(text, "broker: cores used", alone.brokerCores, together.brokerCores);
    row(text, "load: cores used", alone.loadCores, together.loadCores);
    memoryRow(text, "resident", Moment::residentMegabytes);
    memoryRow(text, "heap in use", Moment::heapMegabytes);
    memoryRow(text, "direct buffers", Moment::directMegabytes);
    text.append("\nThe slow had ").append(asked).append(' ').append(unit);
    text.append("; the broker closed the one that never reads ").append(reconnects);
    text.append(" times, and it came back.\n");
    return text.toString();
  }

  private static void row(StringBuilder text, String name, Samples alone, Samples together) {
    text.append("| ")
        .append(String.join(" | ", name, alone.summary(), together.summary()))
        .append(" |\n");
  }

  private void memoryRow(StringBuilder text, String name, ToDoubleFunction<Moment> value) {
    row(text, "broker: " + name + ", MB", flow.samples(value, false), flow.samples(value, true));
  }

  private String json() throws IOException {
    return String.format(
        Locale.ROOT,
        "{\"machine\": \"%s\", \"fast\": %d, \"slow\": %d, \"level\": \"%s\","
            + " \"aloneMBps\": %s, \"togetherMBps\": %s, \"ratio\": %s,"
            + " \"slowHad\": %d, \"reconnects\": %d, \"seconds\": %s}%n",
        Machine.description(),
        fast,
        slow,
        recordLevel ? "records" : "fetch",
        alone.megabytes.json(),
        together.megabytes.json(),
        ratio.json(),
        asked,
        reconnects,
        flow.json());
  }
}
