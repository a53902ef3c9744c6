package dev.weir.broker.partition;

import dev.weir.broker.Batches;
import dev.weir.core.disk.FileRange;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import dev.weir.replication.Isolation;
import dev.weir.replication.Replica;
import dev.weir.replication.ReplicaHealth;
import dev.weir.replication.RequiredAcks;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.QueueLoop;
import dev.weir.storage.ReadOutcome;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A partition of a topic with {@code cleanup.policy=compact} on a simulated disk, one batch in a
 * segment; the test's thread is its loop and its flush thread.
 */
public final class KeyedPartition {
  private static final Path ROOT = Path.of("/data");
  private static final String LONG = "-".repeat(700);

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);
  private final QueueLoop loop;
  private final HostedPartition hosted;

  public KeyedPartition(String topic, QueueLoop loop) throws IOException {
    this.loop = loop;
    TopicPartition name = new TopicPartition(topic, 0);
    TopicConfig config = config("compact");
    PartitionLog log =
        PartitionLog.open(name, directory(), config.log(), files, Time.system()).log();
    Replica replica = new Replica(name, loop, log, 0, config.replica());
    replica.start(loop, health -> {});
    hosted =
        new HostedPartition(
            name,
            TopicId.of(ByteBuffer.allocate(TopicId.BYTES)),
            config,
            replica,
            new HostedPartition.Shared(
                loop,
                new PartitionOpener.Observers(
                    new AppendCounters(), new DiskTroubles(Time.system())),
                Time.system()));
  }

  private static TopicConfig config(String policy) {
    return TopicConfig.resolve(Map.of(), Map.of("cleanup.policy", policy, "segment.bytes", "1024"));
  }

  private static Path directory() {
    return ROOT.resolve("log");
  }

  public HostedPartition hosted() {
    return hosted;
  }

  public SimulatedLogFiles files() {
    return files;
  }

  /** Appends so many records, each in a segment of its own, to so many keys. */
  public KeyedPartition fill(int records, int keys) {
    for (int i = 0; i < records; i++) {
      byte[] batch = Batches.keyed("k" + i % keys, i + LONG);
      hosted.append(ByteBuffer.wrap(batch), RequiredAcks.ALL, outcome -> {});
    }
    loop.runAll();
    return this;
  }

  /** The numbers of the records that are there. */
  public List<Integer> numbers() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    long offset = hosted.replica().logStartOffset();
    while (offset < hosted.replica().highWatermark()) {
      ReadOutcome.Slice slice = read(offset, 1 << 20);
      numbers.addAll(numbers(slice.range()));
      offset = slice.nextOffset();
    }
    return numbers;
  }

  /** Of a range, which is released. */
  public static List<Integer> numbers(FileRange range) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(range.length());
    range.readFully(0, bytes);
    range.release();
    return Batches.values(bytes.flip()).stream()
        .map(value -> Integer.parseInt(value.substring(0, value.indexOf('-'))))
        .toList();
  }

  public ReadOutcome.Slice read(long offset, int maxBytes) {
    ReadOutcome outcome = hosted.replica().read(offset, maxBytes, Isolation.READ_UNCOMMITTED);
    return (ReadOutcome.Slice)
        (outcome instanceof ReadOutcome.NeedsDisk disk ? disk.read().run() : outcome);
  }

  /** Damages the oldest segment behind the log's back. */
  public void damage() throws IOException {
    try (LogFile file = files.open(directory().resolve("00000000000000000000.log"))) {
      file.truncate(600);
      file.append(ByteBuffer.allocate(100));
    }
  }

  public boolean isOffline() {
    return hosted.replica().status().health().state() == ReplicaHealth.State.OFFLINE;
  }

  public void changePolicy(String policy) {
    hosted.reconfigure(config(policy));
  }

  public CompletableFuture<Void> delete() {
    hosted.enter(HostedPartition.State.DELETED);
    return hosted.replica().delete(UUID.randomUUID()).toCompletableFuture();
  }
}
