package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.topic.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(60)
class WeirAdminTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private FakeBroker broker;
  private WeirClient client;

  @BeforeEach
  void start() {
    broker = FakeBroker.start().withTopic("t", 2);
    client = WeirClient.create(ClientSettings.of(broker.address()));
  }

  @AfterEach
  void stop() {
    client.close().block(DEADLINE);
    broker.close();
  }

  @Test
  void createsATopicOnceAndNamesItTheSecondTime() {
    assertThat(client.admin().createTopic(NewTopic.of("new", 3)).block(DEADLINE)).isNotNull();

    expectError(client.admin().createTopic(NewTopic.of("new", 3)), ErrorCode.TOPIC_EXISTS, "'new'");
  }

  @Test
  void repeatsAQuestionAfterTheConnectionBroke() {
    client.admin().describeCluster().block(DEADLINE);
    broker.dropConnections();

    assertThat(client.admin().describeCluster().block(DEADLINE).brokers())
        .extracting(each -> each.address().port())
        .containsExactly(broker.port());
  }

  @Test
  void anOrderWithoutAnAnswerIsNotRepeated() {
    broker.dropOnce("admin.topics.create");

    expectError(
        client.admin().createTopic(NewTopic.of("new", 3)),
        ErrorCode.OUTCOME_UNKNOWN,
        "admin.topics.create");
  }

  @Test
  void findsOffsetsByPositionAndTime() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1024);
    for (int i = 0; i < 10; i++) {
      builder.append(1000 + i, null, new byte[1], List.of());
    }
    broker.append("t", 1, builder.build());

    assertThat(offset(StartingPosition.earliest())).isZero();
    assertThat(offset(StartingPosition.latest())).isEqualTo(10);
    assertThat(offset(StartingPosition.timestamp(Instant.ofEpochMilli(1004)))).isEqualTo(4);
    assertThat(offset(StartingPosition.timestamp(Instant.ofEpochMilli(5000)))).isEqualTo(10);
    expectError(
        client.admin().offset(new TopicPartition("t", 2), StartingPosition.latest()),
        ErrorCode.UNKNOWN_PARTITION,
        "0 to 1");
  }

  @Test
  void aClosedClientSaysSo() {
    client.close().block(DEADLINE);

    expectError(client.admin().describeCluster(), ErrorCode.CLOSED, "closed");
  }

  private long offset(StartingPosition position) {
    return client.admin().offset(new TopicPartition("t", 1), position).block(DEADLINE);
  }

  private static void expectError(Mono<?> call, ErrorCode code, String words) {
    StepVerifier.create(call)
        .expectErrorSatisfies(
            error -> {
              assertThat(error).isInstanceOf(WeirException.class).hasMessageContaining(words);
              assertThat(((WeirException) error).code()).isEqualTo(code);
            })
        .verify(DEADLINE);
  }
}
