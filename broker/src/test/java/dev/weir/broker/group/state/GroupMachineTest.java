package dev.weir.broker.group.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.CommitOffsetsRequest;
import dev.weir.core.protocol.DeleteOffsetsRequest;
import dev.weir.core.protocol.DescribeGroupResponse;
import dev.weir.core.protocol.FetchOffsetsRequest;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupDrained;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupHeartbeat;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.protocol.GroupSubscribe;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.topic.TopicId;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupMachineTest {
  private final Coordinator coordinator = new Coordinator();
  private TopicId topic;

  @BeforeEach
  void createTopic() {
    topic = coordinator.createTopic("t", 4);
  }

  @Test
  void aHeartbeatKeepsAMemberForAsLongAsItLikes() {
    long channel = coordinator.join(as("m1"));
    for (int i = 0; i < 20; i++) {
      coordinator.pass(Duration.ofSeconds(9));
      coordinator.send(
          channel, GroupRequest.newBuilder().setHeartbeat(GroupHeartbeat.getDefaultInstance()));
    }
    assertThat(coordinator.end(channel)).isNull();

    coordinator.pass(Duration.ofSeconds(10));
    assertThat(coordinator.endCode(channel)).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
  }

  @Test
  void aPauseOfTheCoordinatorItselfCostsNobodyASession() {
    long channel = coordinator.join(as("m1"));
    coordinator.pass(Duration.ofSeconds(9));
    coordinator.pause(Duration.ofMinutes(5));
    coordinator.pass(Duration.ofSeconds(9));
    assertThat(coordinator.end(channel)).isNull();
    coordinator.pass(Duration.ofSeconds(2));
    assertThat(coordinator.end(channel)).isNotNull();
  }

  @Test
  void aMemberMayAskForItsOwnSession() {
    long channel = coordinator.join(as("m1").toBuilder().setSessionTimeoutMs(1000).build());
    GroupEvent joined = coordinator.take(channel).get(0);
    assertThat(joined.getJoined().getSessionTimeoutMs()).isEqualTo(1000);
    assertThat(joined.getJoined().getHeartbeatIntervalMs()).isEqualTo(333);
    coordinator.pass(Duration.ofSeconds(1));
    assertThat(coordinator.end(channel)).isNotNull();
  }

  @Test
  void aMemberThatDoesNotDrainInTimeIsRemoved() {
    long slow = coordinator.join(as("m1").toBuilder().setDrainTimeoutMs(3000).build());
    long other = coordinator.join(as("m2"));
    coordinator.take(other);
    for (int i = 0; i < 4; i++) {
      for (long channel : List.of(slow, other)) {
        coordinator.send(
            channel, GroupRequest.newBuilder().setHeartbeat(GroupHeartbeat.getDefaultInstance()));
      }
      coordinator.pass(Duration.ofSeconds(1));
    }
    assertThat(coordinator.endCode(slow)).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    assertThat(coordinator.end(slow))
        .extracting(Effect.End::message)
        .asString()
        .contains("in time");
    assertThat(coordinator.take(other).get(0).getAssigned().getPartitionsCount()).isEqualTo(4);
  }

  @Test
  void aStaticMemberHasItsSessionToComeBack() {
    GroupJoin join = as("m1").toBuilder().setInstanceId("i").build();
    long channel = coordinator.join(join);
    coordinator.disconnect(channel);
    coordinator.pass(Duration.ofSeconds(9));
    long again = coordinator.join(join.toBuilder().setMemberId("m2").build());
    assertThat(coordinator.take(again).get(0).getJoined().getOwnedCount()).isEqualTo(4);
  }

  @Test
  void anAnswerThatWasLostDoesNotCostAMemberItsPartitions() {
    long first = coordinator.join(as("m1"));
    int epoch = coordinator.take(first).get(0).getJoined().getMemberEpoch();
    GroupJoin back = as("m1").toBuilder().setMemberEpoch(epoch).build();
    coordinator.disconnect(coordinator.join(back)); // the answer is not heard
    coordinator.disconnect(coordinator.join(back)); // and again
    long third = coordinator.join(back);
    assertThat(coordinator.take(third).get(0).getJoined().getOwnedCount()).isEqualTo(4);
  }

  @Test
  void epochsThatHavePassedAreFencedAndThoseThatNeverWereAreUnknown() {
    long first = coordinator.join(as("m1"));
    int epoch = coordinator.take(first).get(0).getJoined().getMemberEpoch();
    long second = coordinator.join(as("m1").toBuilder().setMemberEpoch(epoch).build());
    int newer = coordinator.take(second).get(0).getJoined().getMemberEpoch();
    coordinator.join(as("m1").toBuilder().setMemberEpoch(newer).build());

    assertThat(
            coordinator.endCode(
                coordinator.join(as("m1").toBuilder().setMemberEpoch(epoch).build())))
        .isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
    assertThat(
            coordinator.endCode(coordinator.join(as("m1").toBuilder().setMemberEpoch(99).build())))
        .isEqualTo(ErrorCode.UNKNOWN_MEMBER);
  }

  @Test
  void anInstanceThatWasReplacedIsFencedForGood() {
    GroupJoin join = as("m1").toBuilder().setInstanceId("i").build();
    long first = coordinator.join(join);
    int epoch = coordinator.take(first).get(0).getJoined().getMemberEpoch();
    coordinator.join(join.toBuilder().setMemberId("m2").build());
    assertThat(coordinator.endCode(first)).isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
    assertThat(
            coordinator.endCode(coordinator.join(join.toBuilder().setMemberEpoch(epoch).build())))
        .isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
  }

  @Test
  void aGroupTakesNoMoreMembersThanItMay() {
    IntStream.range(0, Coordinator.SETTINGS.maxMembers())
        .forEach(i -> coordinator.join(as("m" + i)));
    assertThat(coordinator.endCode(coordinator.join(as("one too many"))))
        .isEqualTo(ErrorCode.OVERLOADED);
    long again = coordinator.join(as("m0"));
    assertThat(coordinator.end(again)).as("who is in it already may join again").isNull();
  }

  @Test
  void whatIsNotSubscribedToAnyMoreIsTakenBackAndNotHandedOut() {
    TopicId other = coordinator.createTopic("u", 1);
    long channel = coordinator.join(as("m1").toBuilder().addTopics("u").build());
    coordinator.take(channel);
    coordinator.send(
        channel,
        GroupRequest.newBuilder().setSubscribe(GroupSubscribe.newBuilder().addTopics("t")));
    List<GroupPartition> revoked = coordinator.take(channel).get(0).getRevoke().getPartitionsList();
    assertThat(revoked).containsExactly(new PartitionId(other, 0).message());
    coordinator.send(
        channel,
        GroupRequest.newBuilder().setDrained(GroupDrained.newBuilder().addAllPartitions(revoked)));
    assertThat(coordinator.take(channel)).isEmpty();
  }

  @Test
  void manyPartitionsComeAndGoInSeveralEvents() {
    coordinator.createTopic("large", 5000);
    long first = coordinator.join(as("m1").toBuilder().addTopics("large").build());
    List<GroupEvent> events = coordinator.take(first);
    assertThat(events).hasSizeGreaterThan(3);
    assertThat(events).allMatch(event -> event.getSerializedSize() < 100_000);
    assertThat(events.stream().mapToInt(event -> event.getAssigned().getPartitionsCount()).sum())
        .isEqualTo(5004);

    coordinator.join(as("m2").toBuilder().addTopics("large").build());
    List<GroupEvent> revokes = coordinator.take(first);
    assertThat(revokes).hasSize(2);
    assertThat(revokes.stream().mapToInt(event -> event.getRevoke().getPartitionsCount()).sum())
        .isEqualTo(2502);
  }

  @Test
  void theAssignorOfTheLastJoinHolds() {
    coordinator.join(as("m1"));
    long second = coordinator.join(as("m2").toBuilder().setAssignor("range").build());
    assertThat(describe().getAssignor()).isEqualTo("range");
    coordinator.join(as("m3"));
    assertThat(describe().getAssignor()).isEqualTo("range");
    assertThat(coordinator.end(second)).isNull();
  }

  @Test
  void offsetsThatMakeNoSenseAreRefusedAloneAndNamed() {
    long channel = coordinator.join(as("m1"));
    int epoch = coordinator.take(channel).get(0).getJoined().getMemberEpoch();
    coordinator.send(
        channel,
        GroupRequest.newBuilder()
            .setCommit(
                GroupCommit.newBuilder()
                    .setMemberEpoch(epoch)
                    .addOffsets(offset(0, -1))
                    .addOffsets(offset(1, 5).setMetadata("x".repeat(4097)))
                    .addOffsets(
                        offset(2, 5)
                            .addAcknowledged(OffsetRange.newBuilder().setFirst(4).setLast(9)))
                    .addOffsets(offset(3, 5))
                    .addOffsets(offset(3, 6))));
    var errors = coordinator.take(channel).get(0).getCommitted().getErrorsList();
    assertThat(errors).hasSize(4).allMatch(e -> e.getError() == ErrorCode.INVALID_REQUEST.number());
    assertThat(errors.get(0).getErrorMessage()).contains("-1 is negative");
    assertThat(errors.get(1).getErrorMessage()).contains("4097 bytes");
    assertThat(errors.get(2).getErrorMessage()).contains("4 to 9");
    assertThat(errors.get(3).getErrorMessage()).contains("twice");
    assertThat(committed(3)).isEqualTo(5);
  }

  @Test
  void aGroupThatTakesAllTheMemoryIsRefusedMore() {
    Coordinator small = new Coordinator(2_000);
    TopicId there = small.createTopic("t", 100);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                var errors =
                    small
                        .run(
                            small
                                .machine()
                                .admin()
                                .commit(
                                    CommitOffsetsRequest.newBuilder()
                                        .setGroup("g")
                                        .addOffsets(
                                            offset(i, 1)
                                                .setTopicId(new PartitionId(there, 0).topicBytes()))
                                        .build()))
                        .getErrorsList();
                if (!errors.isEmpty()) {
                  throw new WeirException(ErrorCode.OVERLOADED, errors.get(0).getErrorMessage());
                }
              }
            })
        .hasMessageContaining("group.state.bytes");
    small.machine().close();
    assertThat(small.budget.used()).isZero();
  }

  @Test
  void offsetsOfAnEmptyGroupExpireAndTheGroupWithThem() {
    long channel = coordinator.join(as("m1"));
    int epoch = coordinator.take(channel).get(0).getJoined().getMemberEpoch();
    commit(channel, epoch, offset(0, 5));
    Duration retention = Coordinator.SETTINGS.retention();
    assertThat(expire(retention.multipliedBy(3))).as("while it has members").isZero();

    coordinator.disconnect(channel);
    coordinator.pass(Duration.ofSeconds(3));
    assertThat(expire(retention.minusSeconds(1))).isZero();
    assertThat(expire(retention.plusSeconds(1))).isEqualTo(2);
    assertThat(coordinator.machine().groupCount()).isZero();
    assertThat(coordinator.reload().groupCount()).isZero();
    coordinator.machine().close();
  }

  @Test
  void offsetsOfTopicsThatNobodyReadsAnyMoreExpireThoughThereAreMembers() {
    coordinator.createTopic("u", 1);
    long channel = coordinator.join(as("m1").toBuilder().addTopics("u").build());
    int epoch = coordinator.take(channel).get(0).getJoined().getMemberEpoch();
    commit(channel, epoch, offset(0, 5));
    coordinator.send(
        channel,
        GroupRequest.newBuilder().setSubscribe(GroupSubscribe.newBuilder().addTopics("u")));
    coordinator.send(
        channel,
        GroupRequest.newBuilder()
            .setDrained(
                GroupDrained.newBuilder()
                    .addAllPartitions(
                        coordinator.take(channel).get(1).getRevoke().getPartitionsList())));
    assertThat(expire(Coordinator.SETTINGS.retention().plusSeconds(1))).isEqualTo(1);
    assertThat(committed(0)).isEqualTo(-1);
  }

  @Test
  void offsetsOfATopicThatIsDeletedAreForgottenInTheLogToo() {
    long channel = coordinator.join(as("m1"));
    int epoch = coordinator.take(channel).get(0).getJoined().getMemberEpoch();
    commit(channel, epoch, offset(0, 5));
    coordinator.deleteTopic("t");
    assertThat(coordinator.machine().snapshot().get("g"))
        .noneMatch(record -> record instanceof GroupRecord.OfOffset);
    assertThat(coordinator.take(channel).get(1).getRevoke().getPartitionsCount()).isEqualTo(4);
  }

  @Test
  void offsetsCanBeDeletedOneByOneUnlessTheyAreInUse() {
    long channel = coordinator.join(as("m1"));
    int epoch = coordinator.take(channel).get(0).getJoined().getMemberEpoch();
    commit(channel, epoch, offset(0, 5), offset(1, 6));
    DeleteOffsetsRequest request =
        DeleteOffsetsRequest.newBuilder()
            .setGroup("g")
            .addPartitions(new PartitionId(topic, 0).message())
            .build();
    assertThat(coordinator.run(coordinator.machine().admin().deleteOffsets(request)).getErrors(0))
        .matches(error -> error.getError() == ErrorCode.GROUP_NOT_EMPTY.number());
    coordinator.disconnect(channel);
    coordinator.pass(Duration.ofSeconds(3));
    assertThat(
            coordinator.run(coordinator.machine().admin().deleteOffsets(request)).getErrorsCount())
        .isZero();
    assertThat(committed(0)).isEqualTo(-1);
    assertThat(committed(1)).isEqualTo(6);
  }

  private static GroupJoin as(String memberId) {
    return GroupJoin.newBuilder().setGroup("g").setMemberId(memberId).addTopics("t").build();
  }

  private GroupOffset.Builder offset(int partition, long offset) {
    return GroupOffset.newBuilder()
        .setTopicId(new PartitionId(topic, partition).topicBytes())
        .setPartition(partition)
        .setOffset(offset);
  }

  private void commit(long channel, int epoch, GroupOffset.Builder... offsets) {
    GroupCommit.Builder commit = GroupCommit.newBuilder().setMemberEpoch(epoch);
    for (GroupOffset.Builder offset : offsets) {
      commit.addOffsets(offset);
    }
    coordinator.send(channel, GroupRequest.newBuilder().setCommit(commit));
  }

  private int expire(Duration fromNow) {
    return coordinator.run(
        coordinator.machine().admin().expire(coordinator.time.wallMillis() + fromNow.toMillis()));
  }

  private DescribeGroupResponse.Builder describe() {
    return coordinator.run(coordinator.machine().admin().describe("g"));
  }

  private long committed(int partition) {
    return coordinator
        .run(
            coordinator
                .machine()
                .admin()
                .fetch(
                    FetchOffsetsRequest.newBuilder()
                        .setGroup("g")
                        .addPartitions(new PartitionId(topic, partition).message())
                        .build()))
        .getOffsets(0)
        .getCommitted()
        .getOffset();
  }
}
