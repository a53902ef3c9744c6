package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.topic.TopicPartition;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** At least once, with acknowledgements by hand. */
class GroupReceiveTest extends GroupFixture {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @Test
  void joinsAtTheFirstDemandAndDeliversExactlyWhatIsAskedFor() {
    fill("t", 0, 100);

    StepVerifier.create(values(group()), 0)
        .then(() -> assertThat(groups.joins()).isEmpty())
        .thenRequest(7)
        .expectNextSequence(texts(0, 7))
        .thenRequest(3)
        .expectNextSequence(texts(7, 10))
        .thenCancel()
        .verify(DEADLINE);

    assertThat(received).hasSize(10);
    until(() -> groups.story().contains("left"));
  }

  @Test
  void commitsTheContiguousPrefixAndWhatLiesBeyond() {
    fill("t", 0, 20);

    StepVerifier.create(values(group()), 20)
        .expectNextSequence(texts(0, 20))
        .then(() -> acknowledge(3, 0, 1, 5, 6, 1, 9))
        .then(this::commit)
        .then(
            () -> {
              GroupOffset offset = groups.offset("t", 0);
              assertThat(offset.getOffset()).isEqualTo(2);
              assertThat(offset.getAcknowledgedList())
                  .containsExactly(range(3, 3), range(5, 6), range(9, 9));
            })
        .then(() -> acknowledge(2, 4))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(7))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void passesOverWhatAFormerOwnerHasProcessed() {
    fill("t", 0, 20);
    groups.store(
        "t",
        GroupOffset.newBuilder()
            .setOffset(4)
            .addAcknowledged(range(5, 7))
            .addAcknowledged(range(12, 12)));

    StepVerifier.create(values(group()), 5)
        .expectNext("v4", "v8", "v9", "v10", "v11")
        .then(() -> acknowledge(1))
        .then(this::commit)
        .then(
            () -> {
              GroupOffset offset = groups.offset("t", 0);
              assertThat(offset.getOffset()).isEqualTo(4);
              assertThat(offset.getAcknowledgedList()).containsExactly(range(5, 8), range(12, 12));
            })
        .then(() -> received.forEach(ReceiverRecord::acknowledge))
        .thenRequest(1)
        .expectNext("v13")
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(13))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void cancellingCommitsWhatIsAcknowledgedAndLeaves() {
    fill("t", 0, 10);

    StepVerifier.create(values(group()))
        .expectNextSequence(texts(0, 10))
        .then(() -> acknowledge(0, 1, 2))
        .thenCancel()
        .verify(DEADLINE);

    until(() -> groups.story().contains("left"));
    assertThat(groups.story()).containsExactly("joined", "committed 0@3", "left");
  }

  @Test
  void closingTheClientCommitsAndLeavesFirst() {
    fill("t", 0, 10);

    StepVerifier.create(values(group()))
        .expectNextSequence(texts(0, 10))
        .then(() -> acknowledge(0, 1, 2))
        .then(() -> client.close().block(DEADLINE))
        .expectErrorMatches(error -> codeOf(error) == ErrorCode.CLOSED)
        .verify(DEADLINE);

    assertThat(groups.story()).containsExactly("joined", "committed 0@3", "left");
  }

  @Test
  void stopsReadingAtTheBoundAndGoesOnWhenThereIsRoom() {
    fill("t", 0, 100);
    GroupSubscription bounded =
        group()
            .withCommits(
                CommitSettings.defaults().withInterval(LONG).withMaxUnacknowledged(10, 1 << 20));

    StepVerifier.create(values(bounded))
        .expectNextSequence(texts(0, 10))
        .then(() -> until(() -> progress().waiting()))
        .then(() -> assertThat(progress().unacknowledged()).isEqualTo(10))
        .then(() -> acknowledge(5))
        .then(() -> assertThat(progress().waiting()).isTrue())
        .then(() -> acknowledge(0, 1))
        .expectNextSequence(texts(10, 12))
        .then(() -> until(() -> progress().waiting()))
        .then(() -> received.forEach(ReceiverRecord::acknowledge))
        .expectNextSequence(texts(12, 22))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void boundsBytesToo() {
    fill("t", 0, 10); // values of two bytes
    GroupSubscription bounded =
        group()
            .withCommits(
                CommitSettings.defaults().withInterval(LONG).withMaxUnacknowledged(1000, 5));

    StepVerifier.create(values(bounded))
        .expectNextSequence(texts(0, 3))
        .then(() -> until(() -> progress().waiting()))
        .then(() -> assertThat(progress().unacknowledgedBytes()).isEqualTo(6))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void commitsByItselfAfterAnInterval() {
    fill("t", 0, 10);
    GroupSubscription often =
        group().withCommits(CommitSettings.defaults().withInterval(Duration.ofMillis(10)));

    StepVerifier.create(values(often).doOnNext(value -> received.get(0).acknowledge()))
        .expectNextCount(10)
        .then(() -> until(() -> groups.committed("t", 0) == 1))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void commitsSoonerAfterManyRecords() {
    fill("t", 0, 100);
    GroupSubscription often =
        group().withCommits(CommitSettings.defaults().withInterval(LONG).withAfterRecords(50));

    StepVerifier.create(
            consumer.receive(often).doOnNext(ReceiverRecord::acknowledge).take(100).then())
        .expectComplete()
        .verify(DEADLINE);

    until(() -> groups.committed("t", 0) >= 50);
  }

  @Test
  void aGateHoldsBackRecordsAndNotHeartbeats() {
    fill("t", 0, 20);
    Sinks.Many<Boolean> gate = Sinks.many().replay().latest();

    StepVerifier.create(values(group().gatedBy(gate.asFlux())))
        .then(() -> until(() -> groups.heartbeats() > 3))
        .then(() -> assertThat(received).isEmpty())
        .then(() -> gate.tryEmitNext(true))
        .expectNextSequence(texts(0, 20))
        .then(() -> gate.tryEmitNext(false))
        .then(() -> until(() -> control.progress().block(DEADLINE) != null))
        .then(() -> fill("t", 0, 5))
        .then(
            () -> {
              int before = groups.heartbeats();
              until(() -> groups.heartbeats() > before + 2);
            })
        .then(() -> assertThat(received).hasSize(20))
        .then(() -> gate.tryEmitComplete())
        .expectNextSequence(texts(0, 5))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void theErrorOfAGateEndsTheSubscription() {
    StepVerifier.create(values(group().gatedBy(Flux.error(new IllegalStateException("broken")))))
        .expectErrorMessage("broken")
        .verify(DEADLINE);
  }

  @Test
  void seeksWhileItRuns() {
    fill("t", 0, 30);

    StepVerifier.create(values(group()), 20)
        .expectNextSequence(texts(0, 20))
        .then(() -> control.seek(PARTITION, StartingPosition.offset(5)).block(DEADLINE))
        .then(() -> received.forEach(ReceiverRecord::acknowledge))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(5))
        .thenRequest(2)
        .expectNext("v5", "v6")
        .then(() -> control.seek(PARTITION, StartingPosition.latest()).block(DEADLINE))
        .thenRequest(2)
        .then(() -> until(() -> progress().position() == 30))
        .then(() -> fill("t", 0, 2))
        .expectNext("v0", "v1")
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void aPartitionThatIsNotReadCannotBeSought() {
    fill("t", 0, 1);

    StepVerifier.create(values(group()))
        .expectNext("v0")
        .then(
            () ->
                StepVerifier.create(
                        control.seek(new TopicPartition("t", 1), StartingPosition.latest()))
                    .expectErrorMatches(error -> codeOf(error) == ErrorCode.NOT_OWNER)
                    .verify(DEADLINE))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void commitsWhereItBeganWhenNothingWasCommitted() {
    fill("t", 0, 30);

    StepVerifier.create(values(group().withFrom(StartingPosition.latest())))
        .then(
            () ->
                until(
                    () ->
                        control.progress().block(DEADLINE).stream()
                            .anyMatch(partition -> partition.position() == 30)))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(30))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void aControlServesOneSubscriptionAtATime() {
    StepVerifier.create(values(group()))
        .then(
            () ->
                StepVerifier.create(values(group()))
                    .expectErrorMatches(error -> codeOf(error) == ErrorCode.INVALID_REQUEST)
                    .verify(DEADLINE))
        .thenCancel()
        .verify(DEADLINE);

    StepVerifier.create(control.commit())
        .expectErrorMatches(error -> codeOf(error) == ErrorCode.CLOSED)
        .verify(DEADLINE);
  }
}
