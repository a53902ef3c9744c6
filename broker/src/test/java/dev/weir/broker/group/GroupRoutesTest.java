package dev.weir.broker.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.broker.LibraryLevel;
import dev.weir.broker.PlainClient;
import dev.weir.broker.RunningBroker;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.CommitOffsetsRequest;
import dev.weir.core.protocol.CommitOffsetsResponse;
import dev.weir.core.protocol.DeleteGroupRequest;
import dev.weir.core.protocol.DeleteGroupResponse;
import dev.weir.core.protocol.DeleteTopicRequest;
import dev.weir.core.protocol.DeleteTopicResponse;
import dev.weir.core.protocol.DescribeGroupRequest;
import dev.weir.core.protocol.DescribeGroupResponse;
import dev.weir.core.protocol.FetchOffsetsRequest;
import dev.weir.core.protocol.FetchOffsetsResponse;
import dev.weir.core.protocol.FindCoordinatorRequest;
import dev.weir.core.protocol.FindCoordinatorResponse;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupJoined;
import dev.weir.core.protocol.GroupListing;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.protocol.ListGroupsRequest;
import dev.weir.core.protocol.ListGroupsResponse;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.route.Routes;
import io.rsocket.Payload;
import io.rsocket.exceptions.CustomRSocketException;
import io.rsocket.util.DefaultPayload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** Groups as a client sees them that speaks the protocol by hand. */
class GroupRoutesTest {
  private static final Map<String, String> SETTINGS =
      Map.of("offsets.topic.num.partitions", "3", "group.grace.ms", "300");

  @TempDir private Path dir;
  private RunningBroker broker;
  private PlainClient client;
  private LibraryLevel weir;
  private ByteString topic;

  @BeforeEach
  void start() {
    open();
    topic = weir.createTopic("t", 4);
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  private void open() {
    broker = RunningBroker.in(dir, SETTINGS);
    client = broker.connect();
    weir = new LibraryLevel(client);
  }

  private void restart() {
    stop();
    open();
  }

  @Test
  void aMemberAloneIsGivenEverything() throws InterruptedException {
    try (Member member = Member.join(client, Member.as("g", "m1", "t", "not-there-yet"))) {
      assertThat(member.joined().getMemberEpoch()).isEqualTo(1);
      assertThat(member.assigned()).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void aSecondMemberGetsHalfOnceTheFirstHasDrained() throws InterruptedException {
    try (Member first = Member.join(client, Member.as("g", "m1", "t"))) {
      int epoch = first.joined().getMemberEpoch();
      first.assigned();
      try (Member second = Member.join(client, Member.as("g", "m2", "t"))) {
        second.joined();
        List<GroupPartition> revoked = first.revoked();
        assertThat(revoked).hasSize(2);
        assertThat(describe("g").getState()).isEqualTo("Assigning");
        assertThat(second.rest()).as("not before it has drained").isEmpty();
        for (GroupPartition partition : revoked) {
          assertThat(first.commit(epoch, topic, partition.getPartition(), 7).getErrorsList())
              .as("what drains can be committed")
              .isEmpty();
        }
        first.drained(revoked);
        assertThat(second.assigned())
            .containsExactlyElementsOf(
                revoked.stream().map(GroupPartition::getPartition).sorted().toList());
        assertThat(
                first
                    .commit(epoch, topic, revoked.get(0).getPartition(), 8)
                    .getErrors(0)
                    .getError())
            .isEqualTo(ErrorCode.NOT_OWNER.number());
        assertThat(describe("g").getState()).isEqualTo("Stable");
        assertThat(describe("g").getPartitionsList())
            .filteredOn(lag -> lag.getMemberId().equals("m2"))
            .allMatch(lag -> lag.getCommittedOffset() == 7 && lag.getHighWatermark() == 0);
      }
    }
  }

  @Test
  void aMemberThatLeavesGivesUpItsPartitionsAtOnce() throws InterruptedException {
    try (Member first = Member.join(client, Member.as("g", "m1", "t"))) {
      first.joined();
      first.assigned();
      try (Member second = Member.join(client, Member.as("g", "m2", "t"))) {
        second.joined();
        first.leave();
        assertThat(first.end()).isNull();
        assertThat(second.assigned()).containsExactly(0, 1, 2, 3);
      }
    }
  }

  @Test
  void aMemberWhoseConnectionBreaksLosesItsPartitionsAfterTheGrace() throws InterruptedException {
    Member first = Member.join(client, Member.as("g", "m1", "t"));
    int epoch = first.joined().getMemberEpoch();
    first.assigned();
    try (Member second = Member.join(client, Member.as("g", "m2", "t"))) {
      second.joined();
      first.close();
      assertThat(second.assigned()).hasSize(4);
      Member late = Member.join(client, Member.as("g", "m1", "t").setMemberEpoch(epoch));
      assertThat(late.end()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }
  }

  @Test
  void aSecondJoinOfAMemberFencesTheFirst() throws InterruptedException {
    Member first = Member.join(client, Member.as("g", "m1", "t"));
    int epoch = first.joined().getMemberEpoch();
    first.assigned();
    try (Member again =
        Member.join(
            client, Member.as("g", "m1", "t").setMemberEpoch(epoch).addOwned(partition(0)))) {
      GroupJoined joined = again.joined();
      assertThat(Member.numbers(joined.getOwnedList())).containsExactly(0, 1, 2, 3);
      assertThat(first.end()).isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
      assertThat(again.commit(epoch, topic, 0, 1).getErrors(0).getError())
          .as("an epoch that has passed")
          .isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH.number());
      assertThat(again.commit(joined.getMemberEpoch(), topic, 0, 1).getErrorsList()).isEmpty();
    }
  }

  @Test
  void anInstanceThatIsStartedAgainTakesOverWithoutARebalance() throws InterruptedException {
    Member before = Member.join(client, Member.as("g", "m1", "t").setInstanceId("i"));
    before.joined();
    before.assigned();
    try (Member other = Member.join(client, Member.as("g", "m2", "t"))) {
      other.joined();
      List<GroupPartition> revoked = before.revoked();
      before.drained(revoked);
      other.assigned();
      try (Member after = Member.join(client, Member.as("g", "m3", "t").setInstanceId("i"))) {
        assertThat(after.joined().getOwnedList()).hasSize(2);
        assertThat(before.end()).isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
        other.heartbeat();
        describe("g"); // in the loop behind whatever a rebalance would have said
        assertThat(other.rest()).isEmpty();
      }
    }
  }

  @Test
  void membersKeepTheirPartitionsWhenTheBrokerIsRestarted() throws InterruptedException {
    Member member = Member.join(client, Member.as("g", "m1", "t"));
    int epoch = member.joined().getMemberEpoch();
    member.assigned();
    member.commit(
        epoch,
        GroupOffset.newBuilder()
            .setTopicId(topic)
            .setPartition(2)
            .setOffset(10)
            .setMetadata("note")
            .addAcknowledged(OffsetRange.newBuilder().setFirst(12).setLast(14))
            .build());

    restart();

    try (Member back =
        Member.join(
            client, Member.as("g", "m1", "t").setMemberEpoch(epoch).addOwned(partition(2)))) {
      GroupJoined joined = back.joined();
      assertThat(joined.getMemberEpoch()).isGreaterThan(epoch);
      assertThat(Member.numbers(joined.getOwnedList())).containsExactly(0, 1, 2, 3);
      GroupOffset committed = joined.getOwned(2).getCommitted();
      assertThat(committed.getOffset()).isEqualTo(10);
      assertThat(committed.getMetadata()).isEqualTo("note");
      assertThat(committed.getAcknowledged(0).getLast()).isEqualTo(14);
    }
  }

  @Test
  void anOpenRevokeIsSentAgainAfterARestart() throws InterruptedException {
    Member first = Member.join(client, Member.as("g", "m1", "t"));
    int epoch = first.joined().getMemberEpoch();
    first.assigned();
    Member second = Member.join(client, Member.as("g", "m2", "t"));
    int secondEpoch = second.joined().getMemberEpoch();
    List<GroupPartition> revoked = first.revoked();

    restart();

    try (Member back =
            Member.join(
                client,
                Member.as("g", "m1", "t")
                    .setMemberEpoch(epoch)
                    .addAllOwned(List.of(partition(0), partition(1), partition(2), partition(3))));
        Member other = Member.join(client, Member.as("g", "m2", "t").setMemberEpoch(secondEpoch))) {
      assertThat(back.joined().getOwnedList()).hasSize(4);
      assertThat(back.revoked()).isEqualTo(revoked);
      other.joined();
      back.drained(revoked);
      assertThat(other.assigned()).hasSize(2);
    }
  }

  @Test
  void shuttingDownTellsMembersToComeBack() throws InterruptedException {
    Member member = Member.join(client, Member.as("g", "m1", "t"));
    member.joined();
    broker.close();
    assertThat(member.end()).isEqualTo(ErrorCode.SHUTTING_DOWN);
  }

  @Test
  void aTopicThatIsMadeLaterIsHandedOut() throws InterruptedException {
    try (Member member = Member.join(client, Member.as("g", "m1", "later"))) {
      member.joined();
      weir.createTopic("later", 2);
      assertThat(member.assigned()).containsExactly(0, 1);
    }
  }

  @Test
  void aTopicMadeAgainDoesNotInheritOffsets() throws InterruptedException {
    commit("g", topic, 0, 5);
    ask(
        Routes.ADMIN_TOPICS_DELETE,
        DeleteTopicRequest.newBuilder().setName("t").build(),
        DeleteTopicResponse.parser());
    ByteString again = weir.createTopic("t", 4);
    assertThat(again).isNotEqualTo(topic);
    assertThat(
            fetch("g", GroupPartition.newBuilder().setTopicId(again).build())
                .getOffsets(0)
                .getCommitted()
                .getOffset())
        .isEqualTo(-1);
    assertThat(fetch("g").getOffsetsList()).isEmpty();
  }

  @Test
  void offsetsWithoutMembersAreStoredAndListed() throws InterruptedException {
    assertThat(commit("solo", topic, 1, 42).getErrorsList()).isEmpty();
    assertThat(commit("solo", ByteString.copyFrom(new byte[16]), 0, 1).getErrors(0).getError())
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC.number());
    assertThat(commit("solo", topic, 9, 1).getErrors(0).getError())
        .isEqualTo(ErrorCode.UNKNOWN_PARTITION.number());

    assertThat(fetch("solo").getOffsets(0).getCommitted().getOffset()).isEqualTo(42);
    assertThat(list()).extracting(GroupListing::getGroup).containsExactly("solo");
    assertThat(list()).extracting(GroupListing::getState).containsExactly("Empty");

    delete("solo");
    assertThat(list()).isEmpty();
    assertThatThrownBy(() -> delete("solo"))
        .isInstanceOf(CustomRSocketException.class)
        .hasMessageContaining("there is no group 'solo'");
  }

  @Test
  void aGroupWithMembersIsLeftAlone() throws InterruptedException {
    try (Member member = Member.join(client, Member.as("g", "m1", "t"))) {
      member.joined();
      assertThatThrownBy(() -> commit("g", topic, 0, 1))
          .hasMessageContaining("group 'g' has 1 members");
      assertThatThrownBy(() -> delete("g")).hasMessageContaining("group 'g' has 1 members");
    }
  }

  @Test
  void theCoordinatorIsTheLeaderOfTheGroupsPartition() {
    FindCoordinatorResponse found =
        weir.ask(
            Routes.GROUP_COORDINATOR,
            FindCoordinatorRequest.newBuilder().setGroup("g").build(),
            FindCoordinatorResponse.parser());
    assertThat(found.getBroker().getPort()).isEqualTo(broker.server().rsocketAddress().getPort());
    assertThat(found.getPartition()).isEqualTo("g".hashCode() % 3);
  }

  @Test
  void theBrokersOwnTopicsAreNotForClients() throws InterruptedException {
    commit("g", topic, 0, 1);
    assertThatThrownBy(() -> weir.createTopic("__mine", 1))
        .hasMessageContaining("for the broker's own topics");
    assertThatThrownBy(
            () ->
                weir.ask(
                    Routes.ADMIN_TOPICS_DELETE,
                    DeleteTopicRequest.newBuilder().setName("__consumer_offsets").build(),
                    DeleteTopicResponse.parser()))
        .hasMessageContaining("for the broker's own topics");
    assertThatThrownBy(
            () ->
                client
                    .rsocket()
                    .requestResponse(
                        PlainClient.record(
                            "topics.__consumer_offsets.produce", "{\"key\":\"k\"}", "v"))
                    .block())
        .hasMessageContaining("it can be read, not produced to");
  }

  @Test
  void wrongRequestsAreNamed() throws InterruptedException {
    for (var join :
        List.of(
            Member.as("g", "", "t"),
            Member.as("g", "m", "t").setAssignor("sticky"),
            Member.as("g", "m", "t").setSessionTimeoutMs(1),
            Member.as("g", "m".repeat(200), "t"),
            Member.as("", "m", "t"))) {
      assertThat(Member.join(client, join).end()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }
    assertThat(Member.join(client, Member.as("g", "m", "no/topic")).end())
        .isEqualTo(ErrorCode.INVALID_TOPIC_NAME);
  }

  @Test
  void aMemberThatDoesNotReadItsEventsIsCutOff() throws InterruptedException {
    Member.join(client, Member.as("g", "m1", "t")).close(); // the coordinator is there
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Flux<Payload> requests =
        Flux.concat(
            Flux.just(
                PlainClient.data(
                    "group",
                    GroupRequest.newBuilder()
                        .setJoin(Member.as("g", "m2", "t"))
                        .build()
                        .toByteArray())),
            Flux.range(1, 1000)
                .map(
                    i ->
                        DefaultPayload.create(
                            GroupRequest.newBuilder()
                                .setCommit(GroupCommit.newBuilder().setCorrelationId(i))
                                .build()
                                .toByteArray())));
    client
        .rsocket()
        .requestChannel(requests)
        .subscribe(
            new BaseSubscriber<>() {
              @Override
              protected void hookOnSubscribe(Subscription subscription) {
                request(1);
              }

              @Override
              protected void hookOnError(Throwable failure) {
                end.complete(failure);
              }
            });
    assertThat(end)
        .succeedsWithin(Duration.ofSeconds(10))
        .extracting(Throwable::getMessage)
        .asString()
        .contains("does not read them");
  }

  @Test
  void groupsAreToldInJsonToo() throws InterruptedException {
    commit("g", topic, 0, 3);
    try (PlainClient json = broker.connectJson()) {
      assertThat(json.ask(Routes.ADMIN_GROUPS_LIST, "{}")).contains("\"group\":\"g\"");
      assertThat(json.ask(Routes.ADMIN_GROUPS_DESCRIBE, "{\"group\":\"g\"}"))
          .contains("\"committedOffset\":\"3\"");
    }
  }

  private GroupPartition partition(int number) {
    return GroupPartition.newBuilder().setTopicId(topic).setPartition(number).build();
  }

  private CommitOffsetsResponse commit(String group, ByteString topicId, int partition, long offset)
      throws InterruptedException {
    return ask(
        Routes.OFFSETS_COMMIT,
        CommitOffsetsRequest.newBuilder()
            .setGroup(group)
            .addOffsets(
                GroupOffset.newBuilder()
                    .setTopicId(topicId)
                    .setPartition(partition)
                    .setOffset(offset))
            .build(),
        CommitOffsetsResponse.parser());
  }

  private FetchOffsetsResponse fetch(String group, GroupPartition... partitions)
      throws InterruptedException {
    return ask(
        Routes.OFFSETS_FETCH,
        FetchOffsetsRequest.newBuilder()
            .setGroup(group)
            .addAllPartitions(List.of(partitions))
            .build(),
        FetchOffsetsResponse.parser());
  }

  private DescribeGroupResponse describe(String group) throws InterruptedException {
    return ask(
        Routes.ADMIN_GROUPS_DESCRIBE,
        DescribeGroupRequest.newBuilder().setGroup(group).build(),
        DescribeGroupResponse.parser());
  }

  private List<GroupListing> list() throws InterruptedException {
    return new ArrayList<>(
        ask(
                Routes.ADMIN_GROUPS_LIST,
                ListGroupsRequest.getDefaultInstance(),
                ListGroupsResponse.parser())
            .getGroupsList());
  }

  private void delete(String group) throws InterruptedException {
    ask(
        Routes.ADMIN_GROUPS_DELETE,
        DeleteGroupRequest.newBuilder().setGroup(group).build(),
        DeleteGroupResponse.parser());
  }

  /** As often as the coordinator is still loading. */
  private <T> T ask(String route, MessageLite request, Parser<T> answer)
      throws InterruptedException {
    for (int i = 0; ; i++) {
      try {
        return weir.ask(route, request, answer);
      } catch (CustomRSocketException e) {
        if (e.errorCode() != ErrorCode.WIRE_BASE + ErrorCode.COORDINATOR_LOADING.number()
            || i == 100) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20); // a client's backoff
      }
    }
  }
}
