package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rsocket.Payload;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.StepVerifier;

/** Readers of a partition whose log is damaged get what is whole, then its error. */
class OfflinePartitionTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private ByteString topic;

  @BeforeEach
  void startWithADamagedLog() throws IOException {
    start();
    LibraryLevel weir = new LibraryLevel(client);
    topic = weir.createTopic("t", 1);
    weir.produce(topic, Batches.of("whole"));
    weir.produce(topic, Batches.of("damaged"));
    stop();
    Path log = dataDir.resolve("t-0");
    try (FileChannel file =
        FileChannel.open(log.resolve("00000000000000000000.log"), StandardOpenOption.WRITE)) {
      file.truncate(file.size() - 1);
    }
    start();
  }

  private void start() {
    broker = RunningBroker.in(dataDir);
    client = broker.connect();
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  @Test
  void aFetchEndsWithTheError() {
    StepVerifier.create(new LibraryLevel(client).fetch(topic, 0).map(LibraryLevel.Frame::values))
        .expectNext(List.of("whole"))
        .expectErrorSatisfies(OfflinePartitionTest::assertOffline)
        .verify(SOON);
  }

  @Test
  void aSubscriptionEndsWithTheError() {
    StepVerifier.create(
            client
                .rsocket()
                .requestStream(PlainClient.payload("topics.t.subscribe", "{\"from\":\"earliest\"}"))
                .map(Payload::getDataUtf8))
        .expectNext("whole")
        .expectErrorSatisfies(OfflinePartitionTest::assertOffline)
        .verify(SOON);
  }

  private static void assertOffline(Throwable failure) {
    assertThat(failure).hasMessageContaining("t-0 is offline").hasMessageContaining("offset 1");
  }
}
