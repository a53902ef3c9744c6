package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.topic.TopicPartition;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class GroupAdminTest extends GroupFixture {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @Test
  void commitsAndTellsWhatIsCommitted() {
    client.admin().commitOffsets("g", Map.of(PARTITION, 7L)).block(DEADLINE);

    assertThat(committed(Set.of())).containsExactly(Map.entry(PARTITION, 7L));
    assertThat(committed(Set.of(PARTITION))).containsExactly(Map.entry(PARTITION, 7L));
    assertThat(committed(Set.of(new TopicPartition("many", 1)))).isEmpty();
  }

  @Test
  void aCommitIsRepeatedAfterTheConnectionBroke() {
    broker.dropOnce(dev.weir.core.route.Routes.OFFSETS_COMMIT);

    client.admin().commitOffsets("g", Map.of(PARTITION, 7L)).block(DEADLINE);

    assertThat(groups.committed("t", 0)).isEqualTo(7);
  }

  @Test
  void resetsEveryPartitionToAPosition() {
    fill("many", 0, 30);
    fill("many", 2, 10);

    assertThat(reset("many", StartingPosition.latest()))
        .isEqualTo(Map.of(0, 30L, 1, 0L, 2, 10L, 3, 0L));
    assertThat(reset("many", StartingPosition.earliest()))
        .isEqualTo(Map.of(0, 0L, 1, 0L, 2, 0L, 3, 0L));
    assertThat(reset("many", StartingPosition.timestamp(Instant.ofEpochMilli(8))))
        .isEqualTo(Map.of(0, 8L, 1, 0L, 2, 8L, 3, 0L));
    assertThat(groups.committed("many", 2)).isEqualTo(8);
  }

  @Test
  void anOffsetThatAPartitionDoesNotHaveChangesNothing() {
    fill("many", 0, 30);

    refused(
        client.admin().resetOffsets("g", "many", StartingPosition.offset(12)),
        ErrorCode.OFFSET_OUT_OF_RANGE);

    assertThat(groups.committed("many", 0)).isEqualTo(-1);
  }

  @Test
  void nothingIsResetWhileTheGroupHasMembers() {
    fill("t", 0, 1);

    StepVerifier.create(consumer.receive(group()))
        .expectNextCount(1)
        .then(
            () -> {
              refused(
                  client.admin().resetOffsets("g", "t", StartingPosition.latest()),
                  ErrorCode.GROUP_NOT_EMPTY);
              refused(client.admin().deleteGroup("g"), ErrorCode.GROUP_NOT_EMPTY);
            })
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void fillsInTheHighWatermarksTheCoordinatorDoesNotKnow() {
    fill("t", 0, 30);
    groups.store("t", GroupOffset.newBuilder().setOffset(12));

    GroupDescription group = client.admin().describeGroup("g").block(DEADLINE);

    GroupDescription.Partition partition = group.partitions().get(0);
    assertThat(partition.partition()).isEqualTo(PARTITION);
    assertThat(partition.highWatermark()).isEqualTo(30);
    assertThat(partition.lag()).isEqualTo(18);
    assertThat(group.coordinator().port()).isEqualTo(broker.port());
  }

  @Test
  void lagLeavesOutWhatIsProcessedBeyond() {
    GroupDescription.Partition partition =
        new GroupDescription.Partition(PARTITION, 10, 30, "", false, 5, "");

    assertThat(partition.lag()).isEqualTo(15);
    assertThat(new GroupDescription.Partition(PARTITION, -1, 30, "", false, 0, "").lag())
        .isEqualTo(-1);
  }

  @Test
  void forgetsOffsetsAndGroups() {
    client
        .admin()
        .commitOffsets("g", Map.of(PARTITION, 7L, new TopicPartition("many", 1), 3L))
        .block(DEADLINE);

    client.admin().deleteOffsets("g", Set.of(PARTITION)).block(DEADLINE);
    assertThat(committed(Set.of())).containsOnlyKeys(new TopicPartition("many", 1));
    client.admin().deleteGroup("g").block(DEADLINE);
    assertThat(committed(Set.of())).isEmpty();
    assertThat(client.admin().listGroups().block(DEADLINE))
        .containsExactly(new GroupListing("g", "Empty", 0));
  }

  @Test
  void aDeletionWithoutAnAnswerIsNotRepeated() {
    broker.dropOnce(dev.weir.core.route.Routes.ADMIN_GROUPS_DELETE);

    refused(client.admin().deleteGroup("g"), ErrorCode.OUTCOME_UNKNOWN);
  }

  @Test
  void resettingForgetsWhatWasAcknowledgedBeyond() {
    fill("t", 0, 30);
    groups.store(
        "t",
        GroupOffset.newBuilder()
            .setOffset(4)
            .addAcknowledged(OffsetRange.newBuilder().setFirst(6).setLast(9)));

    reset("t", StartingPosition.earliest());

    assertThat(groups.offset("t", 0).getAcknowledgedList()).isEmpty();
  }

  private Map<Integer, Long> reset(String topic, StartingPosition to) {
    return client.admin().resetOffsets("g", topic, to).block(DEADLINE);
  }

  private Map<TopicPartition, Long> committed(Set<TopicPartition> partitions) {
    return client.admin().committedOffsets("g", partitions).block(DEADLINE);
  }

  private static void refused(Mono<?> call, ErrorCode code) {
    StepVerifier.create(call)
        .expectErrorMatches(error -> error instanceof WeirException weir && weir.code() == code)
        .verify(DEADLINE);
  }
}
