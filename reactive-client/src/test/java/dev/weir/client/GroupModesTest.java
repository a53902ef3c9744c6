package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** The other ways to receive as a group's member. */
class GroupModesTest extends GroupFixture {
  @Test
  void autoAcknowledgesWhenTheNextRecordIsAskedFor() {
    fill("t", 0, 10);

    StepVerifier.create(consumer.receiveAutoAck(group()).map(ReceiverRecord::value), 1)
        .expectNext("v0")
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isZero())
        .thenRequest(1)
        .expectNext("v1")
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(1))
        .thenCancel()
        .verify(DEADLINE);

    until(() -> groups.story().contains("left"));
    assertThat(groups.committed("t", 0)).isEqualTo(1);
  }

  @Test
  void autoAcknowledgesOnReturnWithUnboundedDemand() {
    fill("t", 0, 10);

    StepVerifier.create(
            consumer
                .receiveAutoAck(group())
                .map(ReceiverRecord::value)
                .doOnNext(
                    value -> {
                      if (value.equals("v6")) {
                        throw new IllegalStateException("cannot process " + value);
                      }
                    }))
        .expectNextSequence(texts(0, 6))
        .expectErrorMessage("cannot process v6")
        .verify(DEADLINE);

    until(() -> groups.story().contains("left"));
    assertThat(groups.committed("t", 0)).isEqualTo(6);
  }

  @Test
  void autoAcknowledgementWaitsForWhatConcatMapProcesses() {
    fill("t", 0, 10);
    Sinks.Empty<Void> third = Sinks.empty();
    List<String> begun = new CopyOnWriteArrayList<>();

    StepVerifier.create(
            consumer
                .receiveAutoAck(group())
                .concatMap(
                    record -> {
                      begun.add(record.value());
                      return record.value().equals("v2") ? third.asMono() : Mono.empty();
                    },
                    0))
        .then(() -> until(() -> begun.contains("v2")))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(2))
        .then(() -> third.tryEmitEmpty())
        .then(() -> until(() -> begun.contains("v9")))
        .then(
            () ->
                until(
                    () -> {
                      commit();
                      return groups.committed("t", 0) == 10;
                    }))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void autoAcknowledgementNeverOvertakesAPrefetchingOperator() {
    fill("t", 0, 200);
    Sinks.Empty<Void> stuck = Sinks.empty();
    List<String> begun = new CopyOnWriteArrayList<>();

    StepVerifier.create(
            consumer
                .receiveAutoAck(group())
                .publishOn(Schedulers.parallel(), 16)
                .concatMap(
                    record -> {
                      begun.add(record.value());
                      return record.value().equals("v100") ? stuck.asMono() : Mono.empty();
                    },
                    8))
        .then(() -> until(() -> begun.contains("v100")))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isBetween(60L, 100L))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void atMostOnceCommitsBeforeItDelivers() {
    fill("t", 0, 30);
    groups.answerCommits(false);
    List<String> values = new CopyOnWriteArrayList<>();
    GroupSubscription pairs =
        group().withCommits(CommitSettings.defaults().withInterval(LONG).withAtMostOnceRecords(4));

    StepVerifier.create(
            consumer.receiveAtMostOnce(pairs).map(ConsumerRecord::value).doOnNext(values::add), 6)
        .then(() -> until(() -> !groups.commits().isEmpty()))
        .then(() -> assertThat(values).isEmpty())
        .then(() -> groups.answerCommits(true))
        .then(groups::disconnect)
        .expectNextSequence(texts(0, 6))
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(8))
        .thenRequest(24)
        .expectNextSequence(texts(6, 30))
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(30))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void atMostOnceRepeatsNothingToTheNextOwner() {
    fill("t", 0, 20);
    GroupSubscription fives =
        group().withCommits(CommitSettings.defaults().withInterval(LONG).withAtMostOnceRecords(5));

    List<String> first = atMostOnce(fives, 7);
    List<String> second = atMostOnce(fives, 5);

    assertThat(first).isEqualTo(texts(0, 7));
    assertThat(second).isEqualTo(texts(10, 15)); // v7 to v9 were committed and not asked for
  }

  @Test
  void batchesGoWhenTheyAreFull() {
    fill("t", 0, 25);

    StepVerifier.create(consumer.receiveBatches(group(), 10, LONG).map(GroupModesTest::valuesOf), 2)
        .expectNext(texts(0, 10), texts(10, 20))
        .thenRequest(1)
        .then(() -> until(() -> progress().position() == 25))
        .then(() -> fill("t", 0, 10))
        .expectNextCount(1)
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void batchesGoWhenTheyHaveWaited() {
    fill("t", 0, 3);

    StepVerifier.create(
            consumer
                .receiveBatches(group(), 10, Duration.ofMillis(50))
                .doOnNext(ReceiverBatch::acknowledge)
                .map(GroupModesTest::valuesOf))
        .expectNext(texts(0, 3))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(3))
        .then(() -> fill("t", 0, 2))
        .expectNext(texts(0, 2))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void aRevokedPartitionTakesItsGatheredRecordsAlong() {
    fill("many", 0, 10);

    StepVerifier.create(
            consumer.receiveBatches(group("many"), 15, LONG).map(GroupModesTest::valuesOf), 1)
        .then(() -> until(() -> positionOf(0) == 10))
        .then(() -> groups.revoke("many", LONG, 0))
        .then(() -> until(() -> groups.isFree("many", 0)))
        .then(() -> assertThat(groups.committed("many", 0)).isZero())
        .then(() -> fill("many", 1, 15))
        .expectNext(texts(0, 15))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void eachPartitionHasItsOwnDemand() {
    for (int partition = 0; partition < 4; partition++) {
      fill("many", partition, 20);
    }

    StepVerifier.create(
            consumer
                .receivePartitions(group("many"))
                .flatMap(
                    partition ->
                        partition.map(
                            record -> {
                              record.acknowledge();
                              return partition.partition().partition();
                            })))
        .recordWith(CopyOnWriteArrayList::new)
        .expectNextCount(80)
        .consumeRecordedWith(partitions -> assertThat(partitions).containsOnly(0, 1, 2, 3))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("many", 3)).isEqualTo(20))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void partitionsNobodyAskedForAreNotRead() {
    for (int partition = 0; partition < 4; partition++) {
      fill("many", partition, 20);
    }
    List<PartitionFlux<String, String>> fluxes = new CopyOnWriteArrayList<>();

    StepVerifier.create(consumer.receivePartitions(group("many")).doOnNext(fluxes::add), 2)
        .expectNextCount(2)
        .then(
            () ->
                StepVerifier.create(fluxes.get(0).map(ReceiverRecord::value), 3)
                    .expectNextSequence(texts(0, 3))
                    .thenCancel()
                    .verify(DEADLINE))
        .then(() -> assertThat(broker.fetches()).hasSize(1))
        .then(
            () ->
                StepVerifier.create(fluxes.get(0))
                    .expectError(IllegalStateException.class)
                    .verify(DEADLINE))
        .thenRequest(2)
        .expectNextCount(2)
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void aPartitionCompletesWhenItIsTakenBackAndIsGivenUpWhenItIsProcessed() {
    fill("t", 0, 5);
    List<List<String>> written = new CopyOnWriteArrayList<>();

    StepVerifier.create(
            consumer
                .receivePartitions(group())
                .flatMap(
                    partition ->
                        partition
                            .doOnNext(received::add)
                            .buffer(100)
                            .doOnNext(
                                records ->
                                    written.add(
                                        records.stream().map(ReceiverRecord::value).toList()))
                            .then(Mono.just("done"))))
        .then(() -> until(() -> received.size() == 5))
        .then(() -> groups.revoke("t", LONG, 0))
        .expectNext("done")
        .then(() -> assertThat(written).containsExactly(texts(0, 5)))
        .then(() -> assertThat(groups.isFree("t", 0)).isFalse())
        .then(() -> received.forEach(ReceiverRecord::acknowledge))
        .then(() -> until(() -> groups.isFree("t", 0)))
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(5))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void cancellingEndsThePartitionsWithTheReason() {
    List<PartitionFlux<String, String>> fluxes = new CopyOnWriteArrayList<>();
    StepVerifier.create(consumer.receivePartitions(group()).doOnNext(fluxes::add), 1)
        .expectNextCount(1)
        .thenCancel()
        .verify(DEADLINE);

    StepVerifier.create(fluxes.get(0))
        .expectErrorMatches(
            error -> error instanceof WeirException weir && weir.code() == ErrorCode.CLOSED)
        .verify(DEADLINE);
  }

  @Test
  void cancelsAtAnyPointWithoutLosingOrRepeatingWhatIsAcknowledged() {
    fill("t", 0, 200);
    List<String> processed = new CopyOnWriteArrayList<>();
    int taken = 0;
    for (int round = 0; taken < 200; round++) {
      int wanted = Math.min(1 + round * 3 % 17, 200 - taken);
      consumer
          .receive(group())
          .take(wanted)
          .doOnNext(
              record -> {
                processed.add(record.value());
                record.acknowledge();
              })
          .blockLast(DEADLINE);
      taken += wanted;
      int rounds = round + 1;
      until(() -> groups.story().stream().filter("left"::equals).count() == rounds);
    }

    assertThat(processed).isEqualTo(texts(0, 200));
  }

  @Test
  void settingsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> GroupSubscription.of("g"))
        .hasMessageContaining("group 'g' needs at least one topic");
    assertThatThrownBy(() -> consumer.receiveBatches(group(), 0, LONG))
        .hasMessageContaining("maxRecords");
    assertThatThrownBy(() -> consumer.receiveBatches(group(), 1 << 20, LONG))
        .hasMessageContaining("maxUnacknowledged");
    assertThatThrownBy(() -> CommitSettings.defaults().withInterval(Duration.ZERO))
        .hasMessageContaining("interval");
  }

  private List<String> atMostOnce(GroupSubscription group, int records) {
    int leftBefore = (int) groups.story().stream().filter("left"::equals).count();
    List<String> values =
        Flux.from(consumer.receiveAtMostOnce(group))
            .map(ConsumerRecord::value)
            .take(records)
            .collectList()
            .block(DEADLINE);
    until(() -> groups.story().stream().filter("left"::equals).count() > leftBefore);
    return values;
  }

  private long positionOf(int partition) {
    return control.progress().block(DEADLINE).stream()
        .filter(each -> each.partition().partition() == partition)
        .mapToLong(PartitionProgress::position)
        .findFirst()
        .orElse(-1);
  }

  private static List<String> valuesOf(ReceiverBatch<String, String> batch) {
    return batch.records().stream().map(ReceiverRecord::value).toList();
  }
}
