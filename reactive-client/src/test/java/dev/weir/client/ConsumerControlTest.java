package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.topic.TopicPartition;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A control of partitions that were assigned without a group. */
class ConsumerControlTest extends GroupFixture {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @Test
  void seeksToOffsetsTimesAndEnds() {
    fill("t", 0, 30); // a record's timestamp is its number

    StepVerifier.create(values(assignment()), 2)
        .expectNext("v0", "v1")
        .then(() -> seek(StartingPosition.offset(17)))
        .thenRequest(2)
        .expectNext("v17", "v18")
        .then(() -> seek(StartingPosition.timestamp(Instant.ofEpochMilli(5))))
        .thenRequest(1)
        .expectNext("v5")
        .then(() -> seek(StartingPosition.earliest()))
        .thenRequest(1)
        .expectNext("v0")
        .then(() -> seek(StartingPosition.latest()))
        .thenRequest(1)
        .then(() -> until(() -> progress().position() == 30))
        .then(() -> fill("t", 0, 1))
        .expectNext("v0")
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void seeksOnePartitionOfMany() {
    fill("many", 0, 10);
    fill("many", 1, 10);

    StepVerifier.create(
            values(
                Assignment.partition("many", 0, StartingPosition.earliest())
                    .and(1, StartingPosition.earliest())
                    .controlledBy(control)))
        .expectNextCount(20)
        .then(
            () ->
                control
                    .seek(new TopicPartition("many", 1), StartingPosition.offset(8))
                    .block(DEADLINE))
        .expectNext("v8", "v9")
        .then(
            () ->
                refused(
                    control.seek(new TopicPartition("many", 2), StartingPosition.latest()),
                    ErrorCode.NOT_OWNER))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void seekingBeyondTheEndFollowsThePolicy() {
    fill("t", 0, 10);

    StepVerifier.create(values(assignment()))
        .expectNextCount(10)
        .then(() -> seek(StartingPosition.offset(100)))
        .expectErrorMatches(error -> codeOf(error) == ErrorCode.OFFSET_OUT_OF_RANGE)
        .verify(DEADLINE);
    refused(control.progress(), ErrorCode.CLOSED);
  }

  @Test
  void thereIsNothingToCommit() {
    fill("t", 0, 10);

    StepVerifier.create(values(assignment()))
        .expectNextCount(10)
        .then(() -> refused(control.commit(), ErrorCode.INVALID_REQUEST))
        .then(() -> assertThat(progress().committed()).isEqualTo(-1))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void servesTheNextSubscriptionWhenOneHasEnded() {
    fill("t", 0, 10);

    for (int round = 0; round < 2; round++) {
      StepVerifier.create(values(assignment().toEnd()))
          .expectNextCount(10)
          .expectComplete()
          .verify(DEADLINE);
    }
  }

  private Assignment assignment() {
    return Assignment.topic("t", StartingPosition.earliest()).controlledBy(control);
  }

  private Flux<String> values(Assignment assignment) {
    return consumer.receive(assignment).map(ConsumerRecord::value);
  }

  private void seek(StartingPosition position) {
    control.seek(PARTITION, position).block(DEADLINE);
  }

  private static void refused(Mono<?> call, ErrorCode code) {
    StepVerifier.create(call).expectErrorMatches(error -> codeOf(error) == code).verify(DEADLINE);
  }
}
