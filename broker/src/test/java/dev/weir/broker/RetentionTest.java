package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.core.protocol.AlterTopicRequest;
import dev.weir.core.protocol.AlterTopicResponse;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListOffsetsResponse;
import io.rsocket.Payload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention as a client sees it. */
class RetentionTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private LibraryLevel weir;

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir, Map.of("retention.check.interval.ms", "20"));
    client = broker.connect();
    weir = new LibraryLevel(client);
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  @Test
  void deletesWhenTheSettingChangesAndTellsReadersBothEnds() {
    ByteString topic = weir.createTopic("t", 1, "segment.bytes", "1024");
    for (int i = 0; i < 10; i++) {
      assertThat(weir.produce(topic, Batches.of(i + "-".repeat(700))).getBaseOffset()).isEqualTo(i);
    }
    assertThat(earliest(topic)).isZero();
    weir.ask(
        "admin.topics.alter",
        AlterTopicRequest.newBuilder().setName("t").putSet("retention.bytes", "1500").build(),
        AlterTopicResponse.parser());
    long start = startBeyond(topic, 7);
    assertThat(start).isEqualTo(8);
    assertThatThrownBy(() -> weir.fetch(topic, 3).blockFirst(SOON))
        .hasMessageContaining("offset 3 is not in t-0, which has the offsets 8 to 10");
    assertThat(
            weir.fetch(topic, start).flatMapIterable(LibraryLevel.Frame::values).blockFirst(SOON))
        .startsWith("8-");
  }

  @Test
  void startsWhereItStoppedAfterARestart() {
    ByteString topic = weir.createTopic("t", 1, "segment.bytes", "1024", "retention.bytes", "1500");
    for (int i = 0; i < 10; i++) {
      weir.produce(topic, Batches.of(i + "-".repeat(700)));
    }
    assertThat(startBeyond(topic, 7)).isEqualTo(8);
    stop();
    start();
    assertThat(earliest(topic)).isEqualTo(8);
  }

  @Test
  void aSubscriptionFromTheEarliestGoesOnAtTheStartThatHasMoved() {
    ByteString topic = weir.createTopic("t", 1, "segment.bytes", "1024");
    for (int i = 0; i < 40; i++) {
      weir.produce(topic, Batches.of(i + "-".repeat(700)));
    }
    Iterator<Payload> records =
        client
            .rsocket()
            .requestStream(PlainClient.payload("topics.t.subscribe", "{\"from\":\"earliest\"}"))
            .toIterable(1)
            .iterator();
    List<String> received = new ArrayList<>();
    received.add(records.next().getDataUtf8());
    weir.ask(
        "admin.topics.alter",
        AlterTopicRequest.newBuilder().setName("t").putSet("retention.bytes", "1500").build(),
        AlterTopicResponse.parser());
    assertThat(startBeyond(topic, 37)).isEqualTo(38);
    while (!received.get(received.size() - 1).startsWith("39-")) {
      received.add(records.next().getDataUtf8());
    }
    assertThat(received.get(0)).startsWith("0-");
    assertThat(received).doesNotHaveDuplicates().hasSizeLessThan(40);
    assertThat(received.get(received.size() - 2)).startsWith("38-");
  }

  private long startBeyond(ByteString topic, long offset) {
    return await().atMost(SOON).until(() -> earliest(topic), start -> start > offset);
  }

  private long earliest(ByteString topic) {
    return weir.ask(
            "offsets.list",
            ListOffsetsRequest.newBuilder().setTopicId(topic).setEarliest(true).build(),
            ListOffsetsResponse.parser())
        .getOffset();
  }
}
