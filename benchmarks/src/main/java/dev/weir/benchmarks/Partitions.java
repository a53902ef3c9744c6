package dev.weir.benchmarks;

import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import dev.weir.core.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;

/**
 * What a broker of many partitions costs: creating them, a clean stop, starts after that and after
 * a kill, open files and memory. Half of the partitions get a record each, so that a start finds
 * producers and leader epochs; between two starts nobody writes.
 */
public final class Partitions {
  private static final int PER_TOPIC = 1000;
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final int IDLE_SECONDS = 40;

  private final WeirPeer peer;
  private final Path dir;
  private final int partitions;

  private Partitions(Path home, Path dir, int partitions) {
    this.peer = new WeirPeer(home);
    this.dir = dir;
    this.partitions = partitions;
  }

  /** Arguments: the repository's root, the number of partitions. */
  public static void main(String[] args) throws Exception {
    Path dir = Files.createTempDirectory("weir-partitions");
    try {
      new Partitions(Path.of(args[0]), dir, Integer.parseInt(args[1])).run();
    } finally {
      Startup.delete(dir);
    }
    System.exit(0); // clients may keep threads
  }

  private void run() throws IOException, InterruptedException {
    System.out.println(Machine.description() + "; " + partitions + " partitions, one run");
    System.out.println();
    System.out.println("| | seconds | open files | memory, MB |");
    System.out.println("|---|---|---|---|");
    Process broker = start("start without partitions");
    try {
      long begun = Time.system().nanos();
      create();
      row("create", begun, broker);
      begun = Time.system().nanos();
      writeToHalf();
      row("one record to every second one", begun, broker);
      stop("clean stop after writing", broker);
      broker = start("start after a clean stop");
      stop("clean stop, nothing written", broker);
      broker = start("start after a clean stop");
      idle(broker);
      broker.destroyForcibly().waitFor();
      broker = start("start after kill -9, nothing written");
      stop("clean stop, nothing written", broker);
    } finally {
      broker.destroyForcibly().waitFor();
    }
  }

  private Process start(String what) throws IOException, InterruptedException {
    long begun = Time.system().nanos();
    Files.deleteIfExists(dir.resolve("out"));
    Process broker = peer.start(dir);
    peer.awaitReady(dir, broker);
    row(what, begun, broker);
    return broker;
  }

  private static void stop(String what, Process broker) throws InterruptedException, IOException {
    long begun = Time.system().nanos();
    broker.destroy();
    if (!broker.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("the broker did not stop within " + LONGEST);
    }
    System.out.printf(Locale.ROOT, "| %s | %.2f | | |%n", what, secondsSince(begun));
  }

  /** Long enough for one check of the retention of all partitions. */
  private static void idle(Process broker) throws IOException, InterruptedException {
    double before = Machine.cpuSeconds(broker.pid());
    TimeUnit.SECONDS.sleep(IDLE_SECONDS);
    System.out.printf(
        Locale.ROOT,
        "| processor time in %d idle seconds | %.2f | | |%n",
        IDLE_SECONDS,
        Machine.cpuSeconds(broker.pid()) - before);
  }

  private void create() {
    WeirClient client = client();
    for (int done = 0; done < partitions; done += PER_TOPIC) {
      int count = Math.min(PER_TOPIC, partitions - done);
      client.admin().createTopic(NewTopic.of(topic(done / PER_TOPIC), count)).block();
    }
    client.close().block();
  }

  private void writeToHalf() {
    List<ProducerRecord<String, String, Integer>> records = new ArrayList<>();
    for (int i = 0; i < partitions; i += 2) {
      records.add(
          ProducerRecord.<String, String, Integer>of(topic(i / PER_TOPIC), "hello")
              .withPartition(i % PER_TOPIC));
    }
    WeirClient client = client();
    long failed =
        client
            .producer(ProducerSettings.of(Serializers.string(), Serializers.string()))
            .send(Flux.fromIterable(records))
            .filter(result -> result.error() != null)
            .count()
            .blockOptional()
            .orElseThrow();
    client.close().block();
    if (failed > 0) {
      throw new IllegalStateException(failed + " records were not stored");
    }
  }

  private static WeirClient client() {
    return WeirClient.create(
        ClientSettings.of("127.0.0.1:" + WeirPeer.PORT).withRequestTimeout(LONGEST));
  }

  private static String topic(int number) {
    return "topic" + number;
  }

  private static void row(String what, long begun, Process broker) throws IOException {
    double seconds = secondsSince(begun);
    try (Stream<Path> open = Files.list(Path.of("/proc/" + broker.pid() + "/fd"))) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %.2f | %d | %.0f |%n",
          what,
          seconds,
          open.count(),
          Machine.megabytes(broker.pid(), "VmRSS"));
    }
  }

  private static double secondsSince(long nanos) {
    return (Time.system().nanos() - nanos) / 1e9;
  }
}
