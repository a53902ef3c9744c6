package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.time.Time;
import dev.weir.storage.disk.ChannelLogFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log with the threads it has in a broker: a loop, flush threads, readers that come and go. */
class LogThreadsTest implements LogListener {
  private static final int BATCHES = 4000;

  @TempDir Path temporary;

  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private ThreadLoop loop;
  private ExecutorService flushThreads;
  private ExecutorService readers;
  private PartitionLog log;
  private volatile long flushed;

  @BeforeEach
  void open() throws Exception {
    loop = new ThreadLoop("weir-partition-test", failures::add);
    flushThreads = Executors.newFixedThreadPool(2);
    readers = Executors.newFixedThreadPool(3);
    LogSettings settings =
        LogSettings.DEFAULTS
            .withSegmentBytes(100_000)
            .withIndexIntervalBytes(1000)
            .withHotBytes(150_000);
    log =
        PartitionLog.open(
                LogDriver.PARTITION,
                temporary.resolve("orders-0"),
                settings,
                new ChannelLogFiles(100),
                Time.system())
            .log();
    log.attach(loop, flushThreads, this);
  }

  @AfterEach
  void stop() throws InterruptedException {
    readers.shutdown();
    flushThreads.shutdown();
    loop.close();
    assertThat(failures).isEmpty();
  }

  @Test
  void servesReadersFromEverywhereWhileItGrowsThenDeletesItself() throws Exception {
    List<Future<Integer>> reading = new ArrayList<>();
    for (int reader = 0; reader < 3; reader++) {
      Random random = new Random(reader);
      reading.add(readers.submit(() -> readAll(random)));
    }
    for (int i = 0; i < BATCHES; i++) {
      String value = "value " + i + " ".repeat(i % 300);
      int sequence = i;
      AppendOutcome outcome =
          inLoop(() -> log.append(TestBatches.batch(5L, 0, sequence, value), 1));
      assertThat(outcome).isEqualTo(new AppendOutcome.Appended(i, i, -1));
      loop.execute(log::requestFlush);
    }
    Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> flushed == BATCHES);
    for (Future<Integer> each : reading) {
      assertThat(each.get(60, TimeUnit.SECONDS)).isGreaterThan(10);
    }
    inLoop(() -> log.delete(new UUID(1, 1))).toCompletableFuture().get(10, TimeUnit.SECONDS);
    Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .until(() -> temporary.toFile().list().length == 0);
  }

  /** Follows the flushed offset; returns in how many ranges. */
  private int readAll(Random random) throws Exception {
    int ranges = 0;
    long offset = 0;
    while (offset < BATCHES) {
      long from = offset;
      int maxBytes = 1 + random.nextInt(20_000);
      ReadOutcome outcome = inLoop(() -> log.read(from, maxBytes, log.flushedOffset()));
      if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
        if (random.nextInt(4) == 0) {
          needsDisk.read().abandon();
          continue;
        }
        outcome = needsDisk.read().run();
      }
      if (outcome instanceof ReadOutcome.Slice slice) {
        offset = verify(slice, offset);
        ranges++;
      } else {
        assertThat(outcome).isInstanceOf(ReadOutcome.UpToDate.class);
      }
    }
    return ranges;
  }

  private static long verify(ReadOutcome.Slice slice, long offset) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocateDirect(slice.range().length());
    slice.range().readFully(0, bytes);
    slice.range().release();
    long next = offset;
    for (RecordBatch batch : TestBatches.split(bytes.flip())) {
      assertThat(batch.crcMatches()).isTrue();
      assertThat(batch.baseOffset()).isEqualTo(next);
      next = batch.nextOffset();
    }
    assertThat(slice.nextOffset()).isEqualTo(next);
    return next;
  }

  private <T> T inLoop(Callable<T> task) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            result.complete(task.call());
          } catch (Exception | AssertionError failure) {
            result.completeExceptionally(failure);
          }
        });
    return result.get(60, TimeUnit.SECONDS);
  }

  @Override
  public void onFlushed(long flushedOffset) {
    flushed = flushedOffset;
  }

  @Override
  public void onOffline(Throwable cause) {
    failures.add(cause);
  }
}
