package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.weir.client.Assignment;
import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.OutOfRangePolicy;
import dev.weir.client.RecordDeletion;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirAdmin;
import dev.weir.client.WeirClient;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deleting records through every door, and what readers see of it. */
class DeleteRecordsTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private LibraryLevel weir;
  private WeirClient library;
  private ByteString topic;

  @BeforeEach
  void start() {
    connect();
    topic = weir.createTopic("t", 2);
    for (int i = 0; i < 10; i++) {
      weir.produce(topic, Batches.of("value " + i));
    }
  }

  private void connect() {
    broker = RunningBroker.in(dataDir);
    client = broker.connect();
    weir = new LibraryLevel(client);
    int port = broker.server().rsocketAddress().getPort();
    library = WeirClient.create(ClientSettings.of("127.0.0.1:" + port));
  }

  @AfterEach
  void stop() {
    library.close().block(SOON);
    client.close();
    broker.close();
  }

  @Test
  void theLogStartsAtTheOffsetAlsoAfterARestart() {
    assertThat(delete(Map.of(0, 7L))).isEqualTo(Map.of(0, new RecordDeletion.Deleted(7)));
    assertThatThrownBy(() -> weir.fetch(topic, 6).blockFirst(SOON))
        .hasMessageContaining("offset 6 is not in t-0, which has the offsets 7 to 10");
    stop();
    connect();
    assertThat(library.admin().describeTopic("t").block(SOON).partitions().get(0).logStartOffset())
        .isEqualTo(7);
    assertThat(received(OutOfRangePolicy.FAIL, StartingPosition.earliest()))
        .containsExactly("value 7", "value 8", "value 9");
  }

  @Test
  void eachPartitionAnswersForItself() {
    Map<Integer, RecordDeletion> answers =
        delete(Map.of(0, 11L, 1, WeirAdmin.HIGH_WATERMARK, 2, 0L));
    assertRefused(answers.get(0), ErrorCode.OFFSET_OUT_OF_RANGE, "up to 10");
    assertThat(answers.get(1)).isEqualTo(new RecordDeletion.Deleted(0));
    assertRefused(answers.get(2), ErrorCode.UNKNOWN_PARTITION, "not a partition 2");
    assertRefused(delete(Map.of(0, -2L)).get(0), ErrorCode.OFFSET_OUT_OF_RANGE, "not -2");
  }

  @Test
  void theHighWatermarkLeavesNothingAndTheNextRecordGoesOn() {
    assertThat(delete(Map.of(0, WeirAdmin.HIGH_WATERMARK)))
        .isEqualTo(Map.of(0, new RecordDeletion.Deleted(10)));
    assertThat(weir.produce(topic, Batches.of("next")).getBaseOffset()).isEqualTo(10);
    assertThat(received(OutOfRangePolicy.FAIL, StartingPosition.earliest()))
        .containsExactly("next");
  }

  @Test
  void deletingLessThanIsGoneAnswersWhereTheLogStarts() {
    delete(Map.of(0, 7L));
    assertThat(delete(Map.of(0, 3L))).isEqualTo(Map.of(0, new RecordDeletion.Deleted(7)));
  }

  @Test
  void aReaderBelowTheNewStartDoesWhatItsPolicySays() {
    delete(Map.of(0, 7L));
    assertThatThrownBy(() -> received(OutOfRangePolicy.FAIL, StartingPosition.offset(3)))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE));
    assertThat(received(OutOfRangePolicy.EARLIEST, StartingPosition.offset(3)))
        .containsExactly("value 7", "value 8", "value 9");
  }

  @Test
  void aTopicThatIsOnlyCompactedRefuses() {
    weir.createTopic("compacted", 1, "cleanup.policy", "compact");
    weir.createTopic("both", 1, "cleanup.policy", "compact,delete");
    assertRefused(
        library.admin().deleteRecords("compacted", Map.of(0, -1L)).block(SOON).get(0),
        ErrorCode.POLICY_VIOLATION,
        "cleanup.policy is compact");
    assertThat(library.admin().deleteRecords("both", Map.of(0, -1L)).block(SOON))
        .isEqualTo(Map.of(0, new RecordDeletion.Deleted(0)));
  }

  @Test
  void anUnknownTopicFailsTheRequest() {
    assertThatThrownBy(() -> library.admin().deleteRecords("nope", Map.of(0, 1L)).block(SOON))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC))
        .hasMessageContaining("'nope'");
  }

  @Test
  void theSameAsJson() {
    try (PlainClient json = broker.connectJson()) {
      assertThat(
              json.ask(
                  "admin.topics.delete-records",
                  """
                  {"name":"t","partitions":[{"partition":0,"offset":4},{"partition":9}]}"""))
          .isEqualTo(
              """
              {"partitions":[{"partition":0,"lowWatermark":"4","error":0,"errorMessage":""},\
              {"partition":9,"lowWatermark":"-1","error":5,\
              "errorMessage":"topic \\u0027t\\u0027 has 2 partitions, not a partition 9"}]}""");
    }
  }

  private Map<Integer, RecordDeletion> delete(Map<Integer, Long> before) {
    return library.admin().deleteRecords("t", before).block(SOON);
  }

  private List<String> received(OutOfRangePolicy policy, StartingPosition from) {
    return library
        .consumer(
            ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings())
                .withOutOfRange(policy))
        .receive(Assignment.partition("t", 0, from).toEnd())
        .map(ConsumerRecord::value)
        .map(Objects::requireNonNull)
        .collectList()
        .block(SOON);
  }

  private static void assertRefused(RecordDeletion deletion, ErrorCode code, String words) {
    assertThat(deletion)
        .isInstanceOfSatisfying(
            RecordDeletion.Refused.class,
            refused -> {
              assertThat(refused.reason().code()).isEqualTo(code);
              assertThat(refused.reason()).hasMessageContaining(words);
            });
  }
}
