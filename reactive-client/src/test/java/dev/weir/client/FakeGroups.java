package dev.weir.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.BrokerInfo;
import dev.weir.core.protocol.CommitOffsetsRequest;
import dev.weir.core.protocol.CommitOffsetsResponse;
import dev.weir.core.protocol.DeleteGroupResponse;
import dev.weir.core.protocol.DeleteOffsetsRequest;
import dev.weir.core.protocol.DeleteOffsetsResponse;
import dev.weir.core.protocol.DescribeGroupResponse;
import dev.weir.core.protocol.FetchOffsetsResponse;
import dev.weir.core.protocol.FindCoordinatorResponse;
import dev.weir.core.protocol.GroupAssigned;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupCommitted;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupJoined;
import dev.weir.core.protocol.GroupLag;
import dev.weir.core.protocol.GroupListing;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.protocol.GroupRevoke;
import dev.weir.core.protocol.ListGroupsResponse;
import dev.weir.core.protocol.PartitionError;
import dev.weir.core.route.Routes;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * The coordinator of one group in this process: gives what is free to whoever joins, and for the
 * rest does what the test tells it. Everything is under one lock.
 */
final class FakeGroups {
  private final FakeBroker home; // whose topics are read
  private FakeBroker coordinator;
  private final Map<GroupPartition, GroupOffset> committed = new LinkedHashMap<>();
  private final Map<GroupPartition, String> owners = new LinkedHashMap<>();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final List<GroupJoin> joins = new ArrayList<>();
  private final List<GroupCommit> commits = new ArrayList<>();
  private final List<String> story = new ArrayList<>();
  private int heartbeats;
  private int nextEpoch = 1;
  private ErrorCode refusal;
  private boolean answersCommits = true;

  FakeGroups(FakeBroker home) {
    this.home = home;
    this.coordinator = home;
  }

  synchronized List<GroupJoin> joins() {
    return List.copyOf(joins);
  }

  synchronized List<GroupCommit> commits() {
    return List.copyOf(commits);
  }

  synchronized int heartbeats() {
    return heartbeats;
  }

  /** What members did, in order: joined, committed p@offset, drained p, left, gone. */
  synchronized List<String> story() {
    return List.copyOf(story);
  }

  /** The committed offset of a partition, -1 for none. */
  synchronized long committed(String topic, int partition) {
    GroupOffset offset = committed.get(key(topic, partition));
    return offset == null ? -1 : offset.getOffset();
  }

  synchronized GroupOffset offset(String topic, int partition) {
    return committed.get(key(topic, partition));
  }

  synchronized void store(String topic, GroupOffset.Builder offset) {
    GroupPartition key = key(topic, offset.getPartition());
    committed.put(key, offset.setTopicId(key.getTopicId()).build());
  }

  synchronized int memberCount() {
    return members.size();
  }

  /** Whether nobody owns the partition. */
  synchronized boolean isFree(String topic, int partition) {
    return !owners.containsKey(key(topic, partition));
  }

  synchronized void answerCommits(boolean wanted) {
    answersCommits = wanted;
  }

  /** Refuses joins until told null. */
  synchronized void refuseJoins(ErrorCode code) {
    refusal = code;
  }

  /** From now on another broker is the coordinator, which shares these groups. */
  synchronized void moveTo(FakeBroker other) {
    coordinator = other;
    disconnect();
  }

  /** Takes partitions back from the only member. */
  synchronized void revoke(String topic, Duration deadline, int... partitions) {
    GroupRevoke.Builder revoke = GroupRevoke.newBuilder().setDeadlineMs((int) deadline.toMillis());
    for (int partition : partitions) {
      revoke.addPartitions(key(topic, partition));
    }
    only().send(GroupEvent.newBuilder().setRevoke(revoke).build());
  }

  /** Gives free partitions to the only member. */
  synchronized void assign(String topic, int... partitions) {
    GroupAssigned.Builder assigned = GroupAssigned.newBuilder();
    for (int partition : partitions) {
      owners.put(key(topic, partition), only().id);
      assigned.addPartitions(assigned(topic, key(topic, partition)));
    }
    only().send(GroupEvent.newBuilder().setAssigned(assigned).build());
  }

  /** Has somebody else own a partition, whatever its owner thinks. */
  synchronized void takeAway(String topic, int partition) {
    owners.put(key(topic, partition), "somebody else");
  }

  /** Ends the channel of the only member and forgets what it owns. */
  synchronized void remove(ErrorCode code) {
    Member member = only();
    owners.values().removeIf(member.id::equals);
    members.remove(member.id);
    member.sink.error(new WeirException(code, "removed by the test"));
  }

  /** Ends the channel of the only member; it may come back. */
  synchronized void disconnect() {
    Member member = only();
    members.remove(member.id);
    member.sink.error(new WeirException(ErrorCode.NOT_COORDINATOR, "moved by the test"));
  }

  Flux<OutboundMessage> channel(Flux<InboundMessage> requests) {
    return Flux.create(sink -> requests.subscribe(new Member(sink)));
  }

  synchronized MessageLite answer(InboundMessage message) throws InvalidProtocolBufferException {
    return switch (message.route()) {
      case Routes.GROUP_COORDINATOR ->
          FindCoordinatorResponse.newBuilder().setBroker(broker()).build();
      case Routes.OFFSETS_COMMIT -> commit(CommitOffsetsRequest.parseFrom(message.data()));
      case Routes.OFFSETS_FETCH -> stored();
      case Routes.ADMIN_GROUPS_LIST ->
          ListGroupsResponse.newBuilder()
              .addGroups(GroupListing.newBuilder().setGroup("g").setState("Empty"))
              .build();
      case Routes.ADMIN_GROUPS_DESCRIBE -> describe();
      case Routes.ADMIN_GROUPS_DELETE -> {
        requireEmpty();
        committed.clear();
        yield DeleteGroupResponse.getDefaultInstance();
      }
      case Routes.ADMIN_GROUPS_DELETE_OFFSETS -> {
        requireEmpty();
        DeleteOffsetsRequest.parseFrom(message.data())
            .getPartitionsList()
            .forEach(committed::remove);
        yield DeleteOffsetsResponse.getDefaultInstance();
      }
      default -> throw new WeirException(ErrorCode.UNKNOWN_ROUTE, message.route());
    };
  }

  private CommitOffsetsResponse commit(CommitOffsetsRequest request) {
    requireEmpty();
    request.getOffsetsList().forEach(offset -> committed.put(key(offset), offset));
    return CommitOffsetsResponse.getDefaultInstance();
  }

  private FetchOffsetsResponse stored() {
    FetchOffsetsResponse.Builder response = FetchOffsetsResponse.newBuilder();
    committed.forEach((key, offset) -> response.addOffsets(assigned(nameOf(key), key)));
    return response.build();
  }

  private DescribeGroupResponse describe() {
    DescribeGroupResponse.Builder response =
        DescribeGroupResponse.newBuilder()
            .setGroup("g")
            .setState(members.isEmpty() ? "Empty" : "Stable")
            .setAssignor("uniform")
            .setCoordinator(broker());
    committed.forEach(
        (key, offset) ->
            response.addPartitions(
                GroupLag.newBuilder()
                    .setTopic(nameOf(key))
                    .setPartition(key.getPartition())
                    .setCommittedOffset(offset.getOffset())
                    .setHighWatermark(-1)));
    return response.build();
  }

  private void requireEmpty() {
    if (!members.isEmpty()) {
      throw new WeirException(ErrorCode.GROUP_NOT_EMPTY, "group 'g' has members");
    }
  }

  private BrokerInfo broker() {
    return BrokerInfo.newBuilder()
        .setId(1)
        .setHost("127.0.0.1")
        .setPort(coordinator.port())
        .build();
  }

  private Member only() {
    return members.values().iterator().next();
  }

  private GroupPartition key(String topic, int partition) {
    return GroupPartition.newBuilder()
        .setTopicId(
            com.google.protobuf.ByteString.copyFrom(home.topics().get(topic).id().toBytes()))
        .setPartition(partition)
        .build();
  }

  private static GroupPartition key(GroupOffset offset) {
    return GroupPartition.newBuilder()
        .setTopicId(offset.getTopicId())
        .setPartition(offset.getPartition())
        .build();
  }

  private String nameOf(GroupPartition key) {
    return home.topicOf(key.getTopicId()).name();
  }

  private AssignedPartition assigned(String topic, GroupPartition key) {
    GroupOffset none =
        GroupOffset.newBuilder()
            .setTopicId(key.getTopicId())
            .setPartition(key.getPartition())
            .setOffset(-1)
            .build();
    return AssignedPartition.newBuilder()
        .setTopic(topic)
        .setCommitted(committed.getOrDefault(key, none))
        .build();
  }

  /** One channel. */
  private final class Member extends BaseSubscriber<InboundMessage> {
    private final FluxSink<OutboundMessage> sink;
    private String id = "";
    private int epoch;

    Member(FluxSink<OutboundMessage> sink) {
      this.sink = sink;
    }

    @Override
    protected void hookOnNext(InboundMessage message) {
      try (message) {
        GroupRequest request = GroupRequest.parseFrom(message.data());
        synchronized (FakeGroups.this) {
          on(request);
        }
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    protected void hookOnComplete() {
      gone();
    }

    @Override
    protected void hookOnError(Throwable error) {
      gone();
    }

    private void gone() {
      synchronized (FakeGroups.this) {
        if (members.remove(id, this)) {
          story.add("gone");
        }
        sink.complete();
      }
    }

    private void on(GroupRequest request) {
      switch (request.getKindCase()) {
        case JOIN -> join(request.getJoin());
        case HEARTBEAT -> heartbeats++;
        case COMMIT -> commit(request.getCommit());
        case DRAINED ->
            request
                .getDrained()
                .getPartitionsList()
                .forEach(
                    key -> {
                      owners.remove(key, id);
                      story.add("drained " + key.getPartition());
                    });
        case LEAVE -> {
          owners.values().removeIf(id::equals);
          members.remove(id, this);
          story.add("left");
          sink.complete();
        }
        default -> throw new IllegalStateException("unexpected " + request);
      }
    }

    private void join(GroupJoin join) {
      joins.add(join);
      if (refusal != null) {
        sink.error(new WeirException(refusal, "refused by the test"));
        return;
      }
      story.add("joined");
      id = join.getMemberId();
      epoch = nextEpoch++;
      members.put(id, this);
      if (join.getMemberEpoch() == 0) {
        owners.values().removeIf(id::equals);
      }
      for (String topic : join.getTopicsList()) {
        int count = home.topics().get(topic).partitions().size();
        for (int partition = 0; partition < count; partition++) {
          if (join.getMemberEpoch() == 0 || join.getOwnedList().contains(key(topic, partition))) {
            owners.putIfAbsent(key(topic, partition), id);
          }
        }
      }
      GroupJoined.Builder joined =
          GroupJoined.newBuilder()
              .setMemberEpoch(epoch)
              .setHeartbeatIntervalMs(100)
              .setSessionTimeoutMs(10_000);
      owners.forEach(
          (key, owner) -> {
            if (owner.equals(id)) {
              joined.addOwned(assigned(nameOf(key), key));
            }
          });
      send(GroupEvent.newBuilder().setJoined(joined).build());
    }

    private void commit(GroupCommit commit) {
      commits.add(commit);
      GroupCommitted.Builder answer =
          GroupCommitted.newBuilder().setCorrelationId(commit.getCorrelationId());
      if (!answersCommits) {
        return;
      }
      for (GroupOffset offset : commit.getOffsetsList()) {
        if (commit.getMemberEpoch() == epoch && id.equals(owners.get(key(offset)))) {
          committed.put(key(offset), offset);
          story.add("committed " + offset.getPartition() + "@" + offset.getOffset());
        } else {
          answer.addErrors(
              PartitionError.newBuilder()
                  .setTopicId(offset.getTopicId())
                  .setPartition(offset.getPartition())
                  .setError(ErrorCode.NOT_OWNER.number())
                  .setErrorMessage("not yours"));
        }
      }
      send(GroupEvent.newBuilder().setCommitted(answer).build());
    }

    void send(GroupEvent event) {
      sink.next(OutboundMessage.of(ByteBuffer.wrap(event.toByteArray())));
    }
  }
}
