package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.topic.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/** How partitions come and go, and what a member does without its coordinator. */
class GroupRebalanceTest extends GroupFixture {

  @Test
  void aRevokeWaitsForWhatIsInHandAndDropsWhatIsNotDelivered() {
    fill("t", 0, 50);
    Heard heard = new Heard();

    StepVerifier.create(values(group().withListener(heard)), 5)
        .expectNextSequence(texts(0, 5))
        .then(() -> groups.revoke("t", LONG, 0))
        .then(() -> until(() -> heard.said.contains("revoked [t-0]")))
        .thenRequest(100)
        .then(() -> acknowledge(4, 2, 0))
        .then(() -> assertThat(groups.isFree("t", 0)).isFalse())
        .then(() -> acknowledge(1, 3))
        .then(() -> until(() -> groups.isFree("t", 0)))
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(5))
        .then(() -> groups.assign("t", 0))
        .expectNextSequence(texts(5, 50))
        .thenCancel()
        .verify(DEADLINE);

    assertThat(heard.said).containsExactly("assigned [t-0]", "revoked [t-0]", "assigned [t-0]");
  }

  @Test
  void aRevokeEndsAtItsDeadlineWithWhatIsAcknowledged() {
    fill("t", 0, 10);

    StepVerifier.create(values(group()))
        .expectNextSequence(texts(0, 10))
        .then(() -> acknowledge(0, 1, 7))
        .then(() -> groups.revoke("t", Duration.ofMillis(200), 0))
        .then(() -> until(() -> groups.isFree("t", 0)))
        .then(
            () -> {
              GroupOffset offset = groups.offset("t", 0);
              assertThat(offset.getOffset()).isEqualTo(2);
              assertThat(offset.getAcknowledgedList()).containsExactly(range(7, 7));
            })
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void comesBackWithWhatItOwnsAndReadsOnMeanwhile() {
    fill("t", 0, 10);

    StepVerifier.create(values(group()), 5)
        .expectNextSequence(texts(0, 5))
        .then(() -> acknowledge(0, 1))
        .then(() -> groups.refuseJoins(ErrorCode.COORDINATOR_LOADING))
        .then(groups::disconnect)
        .thenRequest(5)
        .expectNextSequence(texts(5, 10))
        .then(() -> groups.refuseJoins(null))
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(2))
        .thenCancel()
        .verify(DEADLINE);

    int last = groups.joins().size() - 1;
    assertThat(last).isPositive();
    assertThat(groups.joins().get(last).getMemberEpoch()).isEqualTo(1);
    assertThat(groups.joins().get(last).getOwnedCount()).isEqualTo(1);
    assertThat(groups.joins())
        .extracting(join -> join.getMemberId())
        .containsOnly(groups.joins().get(0).getMemberId());
  }

  @Test
  void whatSomebodyElseHasMeanwhileIsLost() {
    fill("many", 0, 10);
    fill("many", 1, 10);
    Heard heard = new Heard();

    StepVerifier.create(values(group("many").withListener(heard)))
        .expectNextCount(20)
        .then(() -> groups.takeAway("many", 1))
        .then(groups::disconnect)
        .then(() -> until(() -> heard.said.contains("lost [many-1]")))
        .then(() -> fill("many", 1, 10))
        .then(() -> fill("many", 0, 10))
        .expectNextSequence(texts(0, 10))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void aPartitionWhoseCommitIsNotTakenIsLost() {
    fill("many", 0, 10);
    Heard heard = new Heard();

    StepVerifier.create(values(group("many").withListener(heard)))
        .expectNextCount(10)
        .then(() -> acknowledge(0))
        .then(() -> groups.takeAway("many", 0))
        .then(
            () ->
                StepVerifier.create(control.commit())
                    .expectErrorMatches(error -> codeOf(error) == ErrorCode.NOT_OWNER)
                    .verify(DEADLINE))
        .then(() -> until(() -> heard.said.contains("lost [many-0]")))
        .then(() -> until(() -> groups.story().contains("drained 0")))
        .then(() -> fill("many", 0, 5))
        .then(() -> fill("many", 1, 5))
        .expectNextSequence(texts(0, 5))
        .thenCancel()
        .verify(DEADLINE);

    assertThat(received.subList(10, 15)).allMatch(record -> record.partition() == 1);
  }

  @Test
  void aMemberThatWasRemovedLosesAllAndJoinsAnew() {
    fill("t", 0, 10);
    Heard heard = new Heard();

    StepVerifier.create(values(group().withListener(heard)))
        .expectNextSequence(texts(0, 10))
        .then(() -> acknowledge(0, 1))
        .then(this::commit)
        .then(() -> acknowledge(2))
        .then(() -> groups.remove(ErrorCode.UNKNOWN_MEMBER))
        .expectNextSequence(texts(2, 10))
        .thenCancel()
        .verify(DEADLINE);

    assertThat(heard.said).containsExactly("assigned [t-0]", "lost [t-0]", "assigned [t-0]");
    assertThat(groups.joins().get(1).getMemberEpoch()).isZero();
    assertThat(groups.joins().get(1).getOwnedList()).isEmpty();
  }

  @Test
  void aStaticMemberWhosePlaceWasTakenEndsWithTheReason() {
    fill("t", 0, 10);
    GroupSubscription fixed =
        group().withMember(MemberSettings.defaults().withInstanceId("instance"));

    StepVerifier.create(values(fixed))
        .expectNextCount(10)
        .then(() -> groups.remove(ErrorCode.FENCED_MEMBER_EPOCH))
        .expectErrorMatches(error -> codeOf(error) == ErrorCode.FENCED_MEMBER_EPOCH)
        .verify(DEADLINE);
  }

  @Test
  void aStaticMemberGoesWithoutLeaving() {
    fill("t", 0, 10);
    GroupSubscription fixed =
        group().withMember(MemberSettings.defaults().withInstanceId("instance"));

    StepVerifier.create(values(fixed)).expectNextCount(10).thenCancel().verify(DEADLINE);

    until(() -> groups.story().contains("gone"));
    assertThat(groups.story()).doesNotContain("left");
  }

  @Test
  void followsTheCoordinatorToAnotherBroker() {
    fill("t", 0, 10);
    try (FakeBroker other = FakeBroker.start()) {
      other.shareGroupsOf(broker);

      StepVerifier.create(values(group()), 5)
          .expectNextSequence(texts(0, 5))
          .then(() -> assertThat(other.connectionCount()).isZero())
          .then(() -> acknowledge(0))
          .then(() -> groups.moveTo(other))
          .then(this::commit)
          .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(1))
          .then(() -> assertThat(other.connectionCount()).isEqualTo(1))
          .thenRequest(5)
          .expectNextSequence(texts(5, 10))
          .thenCancel()
          .verify(DEADLINE);
      until(() -> groups.story().contains("left"));
    }
  }

  @Test
  void goesOnAfterItsConnectionsBroke() {
    fill("t", 0, 10);

    StepVerifier.create(values(group()), 5)
        .expectNextSequence(texts(0, 5))
        .then(() -> acknowledge(0))
        .then(broker::dropConnections)
        .then(this::commit)
        .then(() -> assertThat(groups.committed("t", 0)).isEqualTo(1))
        .thenRequest(5)
        .expectNextSequence(texts(5, 10))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void anAssignmentThatIsRefusedEndsTheSubscription() {
    groups.refuseJoins(ErrorCode.INVALID_REQUEST);

    StepVerifier.create(values(group()))
        .expectErrorMatches(error -> codeOf(error) == ErrorCode.INVALID_REQUEST)
        .verify(DEADLINE);
  }

  @Test
  void endsWithTheReasonWhenTheCoordinatorStaysAway() {
    groups.refuseJoins(ErrorCode.COORDINATOR_LOADING);
    WeirConsumer<String, String> impatient =
        client.consumer(
            ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings())
                .withRetryTimeout(Duration.ofMillis(300)));

    StepVerifier.create(impatient.receive(group()))
        .expectErrorMatches(error -> codeOf(error) == ErrorCode.COORDINATOR_LOADING)
        .verify(DEADLINE);
  }

  private static final class Heard implements GroupListener {
    private final List<String> said = new CopyOnWriteArrayList<>();

    @Override
    public void onAssigned(List<TopicPartition> partitions) {
      said.add("assigned " + partitions);
    }

    @Override
    public void onRevoked(List<TopicPartition> partitions) {
      said.add("revoked " + partitions);
    }

    @Override
    public void onLost(List<TopicPartition> partitions) {
      said.add("lost " + partitions);
    }
  }
}
