package dev.weir.broker.partition;

import dev.weir.broker.Batches;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import dev.weir.replication.Replica;
import dev.weir.replication.RequiredAcks;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.LogFiles;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** One partition with one record; reading its files fails in a way that nobody foresees. */
public final class PartitionOnBrokenDisk implements AutoCloseable {
  private static final Path ROOT = Path.of("/data");

  private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
  private final ThreadLoop loop = new ThreadLoop("weir-partition-test", uncaught::add);
  private final HostedPartition partition;
  private volatile boolean broken;

  /** With the record in memory, or known to the disk alone. */
  public PartitionOnBrokenDisk(boolean inMemory) throws IOException {
    TopicPartition name = new TopicPartition("t", 0);
    TopicConfig config = TopicConfig.resolve(Map.of(), Map.of());
    LogFiles files = breakable(LogFiles.class, new SimulatedLogFiles(ROOT));
    HostedPartition first = open(name, config, files);
    CompletableFuture<Object> stored = new CompletableFuture<>();
    first.execute(
        () -> first.append(ByteBuffer.wrap(Batches.of("x")), RequiredAcks.ALL, stored::complete));
    stored.join();
    partition = inMemory ? first : open(name, config, files);
    broken = true;
  }

  private HostedPartition open(TopicPartition name, TopicConfig config, LogFiles files)
      throws IOException {
    PartitionLog log =
        PartitionLog.open(name, ROOT.resolve("t-0"), config.log(), files, Time.system()).log();
    Replica replica = new Replica(name, loop, log, 0, config.replica());
    loop.execute(() -> replica.start(Runnable::run, health -> {}));
    return new HostedPartition(
        name,
        TopicId.of(ByteBuffer.allocate(TopicId.BYTES)),
        config,
        replica,
        new HostedPartition.Shared(
            loop,
            new PartitionOpener.Observers(new AppendCounters(), new DiskTroubles(Time.system())),
            Time.system()));
  }

  private <T> T breakable(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (broken && "readFully".equals(method.getName())) {
                throw new AssertionError("broken");
              }
              try {
                Object result = method.invoke(target, arguments);
                return result instanceof LogFile file ? breakable(LogFile.class, file) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  public HostedPartition partition() {
    return partition;
  }

  /** The topic is deleted; returns when its watchers have been told. */
  public void delete() {
    partition
        .ask(
            replica -> {
              partition.enter(HostedPartition.State.DELETED);
              return true;
            })
        .join();
  }

  @Override
  public void close() {
    loop.close();
  }
}
