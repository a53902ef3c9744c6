package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * What it costs to deliver a partition that is written slowly, a small record at a time, to many
 * who wait at its end, and how old a record is when it is there; beside Kafka, in turns.
 */
public final class FanOutTail {
  private static final Duration SETTLE = Duration.ofSeconds(2);
  private static final Duration LONGEST_FEED_END = Duration.ofSeconds(10);

  /** One broker, with its figures by number of readers. */
  private static final class Contestant {
    final String name;
    final long pid;
    final int port;
    final boolean weir;
    final Map<String, Samples> figures = new LinkedHashMap<>();

    Contestant(String name, long pid, int port, boolean weir) {
      this.name = name;
      this.pid = pid;
      this.port = port;
      this.weir = weir;
    }

    void add(int readers, String figure, double value) {
      figures.computeIfAbsent(readers + figure, absent -> new Samples()).add(value);
    }

    String summary(int readers, String figure) {
      return figures.getOrDefault(readers + figure, new Samples()).summary();
    }
  }

  private final int runs;
  private final Duration window;
  private final int rate;
  private final int valueBytes;
  private final List<Integer> counts;
  private final List<Contestant> contestants = new ArrayList<>();
  private int topics;

  private FanOutTail(Options options) {
    this.runs = (int) options.place(0, "RUNS", 3);
    this.window = Duration.ofSeconds(options.number("seconds", 4));
    this.rate = options.number("rate", 200);
    this.valueBytes = Math.max(Long.BYTES, options.number("bytes", 200));
    this.counts = options.numbers("readers", List.of(1, 10, 100, 1_000));
  }

  /**
   * Arguments: the repository's root, RUNS; {@code seconds=} of each measurement, {@code rate=}
   * records a second, {@code bytes=} of a value, {@code readers=} their numbers.
   */
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    FanOutTail benchmark;
    try {
      benchmark =
          new FanOutTail(
              new Options(
                  List.of(args).subList(1, args.length),
                  1,
                  Set.of("seconds", "rate", "bytes", "readers")));
    } catch (IllegalArgumentException e) {
      System.err.println("fan-out tail: " + e.getMessage());
      System.exit(2);
      return;
    }
    Path target = Files.createDirectories(home.resolve("benchmarks/target"));
    Path dir = Files.createTempDirectory(target, "weir-fan-out-tail");
    Leftovers leftovers = new Leftovers();
    leftovers.delete(dir);
    benchmark.run(home, dir, leftovers);
    System.out.println(benchmark.markdown());
    System.exit(0); // clients may keep threads
  }

  private void run(Path home, Path dir, Leftovers leftovers) throws Exception {
    Peer weir = new WeirPeer(home, "", "strangers.max=2048", "strangers.address.max=2048");
    Peer kafka = new KafkaPeer();
    long weirPid = FanOut.start(weir, Files.createDirectory(dir.resolve("weir")), leftovers);
    long kafkaPid = FanOut.start(kafka, Files.createDirectory(dir.resolve("kafka")), leftovers);
    contestants.add(new Contestant(weir.name(), weirPid, WeirPeer.PORT, true));
    contestants.add(new Contestant(kafka.name(), kafkaPid, KafkaPeer.PORT, false));
    for (int readers : counts) {
      for (int run = -1; run < runs; run++) {
        System.err.println(readers + " readers, " + (run < 0 ? "warm-up" : "run " + (run + 1)));
        for (int i = 0; i < contestants.size(); i++) {
          // each goes first in its turn
          measure(contestants.get(Math.floorMod(i + run, contestants.size())), readers, run >= 0);
        }
      }
    }
  }

  /** Whether it is time to go, and what has to be looked at afterwards. */
  private static final class Feeding {
    volatile boolean over;
    volatile long sent;
  }

  private void measure(Contestant contestant, int readers, boolean isCounted) throws Exception {
    String topic = "tail-" + topics++;
    TailCounter.Ages ages = new TailCounter.Ages();
    List<TailCounter> counters = new ArrayList<>();
    List<Speaker> speakers = new ArrayList<>();
    Feeding feeding = new Feeding();
    try (TailFeed feed = contestant.weir ? new TailFeed.Weir(topic) : new TailFeed.Kafka(topic)) {
      for (int i = 0; i < readers; i++) {
        TailCounter counter = new TailCounter(ages);
        counters.add(counter);
        speakers.add(feed.reader(counter));
      }
      try (SocketLoad load = new SocketLoad(contestant.port, speakers)) {
        load.start();
        Thread feeder = new Thread(() -> feed(feed, feeding), "feeder");
        feeder.start();
        Thread.sleep(SETTLE.toMillis());
        ages.clear();
        double records = -counters.stream().mapToDouble(TailCounter::records).sum();
        double bytes = -counters.stream().mapToDouble(TailCounter::bytes).sum();
        double messages = -speakers.stream().mapToDouble(Speaker::messages).sum();
        double cpu = -Machine.cpuSeconds(contestant.pid);
        double sent = -feeding.sent;
        long start = Time.system().nanos();
        Thread.sleep(window.toMillis());
        double seconds = (Time.system().nanos() - start) / 1e9;
        sent += feeding.sent;
        records += counters.stream().mapToDouble(TailCounter::records).sum();
        bytes += counters.stream().mapToDouble(TailCounter::bytes).sum();
        messages += speakers.stream().mapToDouble(Speaker::messages).sum();
        cpu += Machine.cpuSeconds(contestant.pid);
        double p50 = ages.percentile(0.5);
        double p99 = ages.percentile(0.99);
        feeding.over = true;
        feeder.join(LONGEST_FEED_END.toMillis());
        load.requireRunning();
        requireAllDelivered(contestant, counters, feeding.sent);
        if (isCounted) {
          contestant.add(readers, "sent", sent / seconds);
          contestant.add(readers, "rate", records / seconds);
          contestant.add(readers, "cpu", cpu / (bytes / 1e9));
          contestant.add(readers, "perMessage", records / messages);
          contestant.add(readers, "p50", p50);
          contestant.add(readers, "p99", p99);
        }
      }
    }
  }

  /** Late ones are sent at once: the rate holds, and a wait counts in the ages that follow. */
  private void feed(TailFeed feed, Feeding feeding) {
    long start = Time.system().nanos();
    for (long number = 0; !feeding.over; number++) {
      long due = start + number * 1_000_000_000L / rate;
      for (long now = Time.system().nanos(); now < due; now = Time.system().nanos()) {
        LockSupport.parkNanos(due - now);
      }
      byte[] value = new byte[valueBytes];
      ByteBuffer.wrap(value).putLong(valueBytes - Long.BYTES, Time.system().nanos());
      feed.send(value);
      feeding.sent = number + 1;
    }
  }

  private static void requireAllDelivered(
      Contestant contestant, List<TailCounter> counters, long sent)
      throws IOException, InterruptedException {
    long deadline = Time.system().nanos() + LONGEST_FEED_END.toNanos();
    for (TailCounter counter : counters) {
      while (counter.records() < sent && Time.system().nanos() < deadline) {
        Thread.sleep(10);
      }
      if (counter.records() != sent) {
        throw new IOException(
            "a reader got %d of %d records of %s"
                .formatted(counter.records(), sent, contestant.name));
      }
    }
  }

  private String markdown() throws Exception {
    StringBuilder text = new StringBuilder();
    text.append(Machine.description()).append("; ").append(Machine.load()).append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "One partition that gets %d records a second of %d B, each sent by itself by the broker's"
                + " own producer; every reader waits at its end over a connection of its own. %d"
                + " runs of %d s in turns after one that does not count; every reader got every"
                + " record. Age: from the call of the producer to the reader. Brokers, producer and"
                + " one thread that reads all sockets share the cores. Median (min to max).%n%n",
            rate,
            valueBytes,
            runs,
            window.toSeconds()));
    text.append(
        "| readers | | written a second | delivered a second | records a message |"
            + " broker's CPU seconds per GB | age p50, ms | age p99, ms |\n");
    text.append("|---|---|---|---|---|---|---|---|\n");
    for (int readers : counts) {
      for (Contestant contestant : contestants) {
        text.append(String.format(Locale.ROOT, "| %,d | %s |", readers, contestant.name));
        for (String figure : List.of("sent", "rate", "perMessage", "cpu", "p50", "p99")) {
          text.append(' ').append(contestant.summary(readers, figure)).append(" |");
        }
        text.append('\n');
      }
    }
    return text.toString();
  }
}
