package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.transport.rsocket.TransportResources;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PartitionFetcherTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int BATCHES = 50;

  private final List<Long> offsets = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private FakeBroker broker;
  private TransportResources resources;
  private Cluster cluster;

  @BeforeEach
  void start() {
    broker = FakeBroker.start().withTopic("t", 1);
    resources = TransportResources.forClient(1);
    cluster = Cluster.create(ClientSettings.of(broker.address()), resources);
  }

  @AfterEach
  void stop() {
    cluster.close().block(DEADLINE);
    resources.close().block(DEADLINE);
    broker.close();
  }

  @Test
  void renewsItsStreamBeforeRSocketWouldStall() {
    fill();
    ThreadLoop loop = cluster.threads().next();
    FetchPlan plan = new FetchPlan(1, 3, false, OutOfRangePolicy.FAIL, Duration.ofSeconds(10), 7);
    TopicLayout layout = cluster.topics().fresh("t").block(DEADLINE);
    PartitionFetcher fetcher =
        new PartitionFetcher(
            cluster, loop, plan, layout.target(0), StartingPosition.earliest(), false, reader());

    loop.execute(fetcher::open);

    await()
        .untilAsserted(
            () ->
                assertThat(offsets)
                    .containsExactlyElementsOf(LongStream.range(0, BATCHES).boxed().toList()));
    assertThat(broker.fetches()).hasSizeGreaterThanOrEqualTo(BATCHES / 9);
    assertThat(broker.fetches()).allMatch(fetch -> fetch.framesRequested() <= 7 + 2);
    assertThat(failures).isEmpty();
    loop.execute(fetcher::close);
  }

  private PartitionFetcher.Reader reader() {
    return new PartitionFetcher.Reader() {
      @Override
      public void onFrames(PartitionFetcher fetcher) {
        for (Frame frame = fetcher.first(); frame != null; frame = fetcher.first()) {
          offsets.add(RecordBatch.at(frame.bytes(), 0).baseOffset());
          fetcher.removeFirst();
        }
        fetcher.refill();
      }

      @Override
      public void onFailure(PartitionFetcher fetcher, WeirException reason) {
        failures.add(reason);
      }
    };
  }

  private void fill() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1024);
    for (int i = 0; i < BATCHES; i++) {
      builder.append(i, null, new byte[] {(byte) i}, List.of());
      broker.append("t", 0, builder.build());
    }
  }
}
