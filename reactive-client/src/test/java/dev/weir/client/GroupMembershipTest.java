package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupAssigned;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupJoined;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.protocol.PartitionError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One member against wires whose coordinator is the test, on a clock set by hand. */
class GroupMembershipTest {
  private static final Duration ATTEMPT = Duration.ofSeconds(30);
  private static final Duration TOTAL = Duration.ofMinutes(2);
  private static final Duration HEARTBEAT = Duration.ofSeconds(3);

  private final HandLoop loop = new HandLoop();
  private final List<Wire> wires = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private GroupMembership member = member(MemberSettings.defaults());

  @Test
  void joinsAsNewAndBeatsAtTheCoordinatorsInterval() {
    joined(1);

    loop.pass(HEARTBEAT.multipliedBy(4));

    GroupJoin join = wire().sent.get(0).getJoin();
    assertThat(join.getMemberEpoch()).isZero();
    assertThat(join.getMemberId()).isNotEmpty();
    assertThat(join.getTopicsList()).containsExactly("t");
    assertThat(wire().sent.stream().filter(GroupRequest::hasHeartbeat)).hasSize(4);
  }

  @Test
  void sendsNoHeartbeatsBehindAnother() {
    joined(1);
    wire().behind = true;

    loop.pass(HEARTBEAT.multipliedBy(4));

    assertThat(wire().sent.stream().filter(GroupRequest::hasHeartbeat)).isEmpty();
  }

  @Test
  void comesBackWithEpochAndWhatItOwns() {
    joined(7, 0, 1, 2);
    member.drained(List.of(key(1)));
    loop.run();

    wire().end(new WeirException(ErrorCode.CONNECTION_LOST, "cut"));
    loop.pass(Duration.ofSeconds(1));

    GroupJoin again = wire().sent.get(0).getJoin();
    assertThat(wires).hasSize(2);
    assertThat(again.getMemberEpoch()).isEqualTo(7);
    assertThat(again.getOwnedList()).containsExactlyInAnyOrder(key(0), key(2));
    assertThat(again.getMemberId()).isEqualTo(wires.get(0).sent.get(0).getJoin().getMemberId());
    wire().event(answer(8, 2, 3));
    loop.run();
    assertThat(heard).endsWith("disconnected", "joined +[3] -[0]");
  }

  @Test
  void closesTheWireThatTheCoordinatorHasEnded() {
    joined(1);

    wire().end(null);
    loop.run();

    assertThat(wires.get(0).closed).isTrue();
  }

  @Test
  void aRemovedMemberLosesAllAndJoinsAsNew() {
    joined(7, 0, 1);

    wire().end(new WeirException(ErrorCode.UNKNOWN_MEMBER, "too late"));
    loop.pass(Duration.ofSeconds(1));

    assertThat(heard).endsWith("lost all");
    assertThat(wire().sent.get(0).getJoin().getMemberEpoch()).isZero();
    assertThat(wire().sent.get(0).getJoin().getOwnedList()).isEmpty();
  }

  @Test
  void aFencedDynamicMemberJoinsAsNewAStaticOneEnds() {
    joined(7, 0);
    wire().end(new WeirException(ErrorCode.FENCED_MEMBER_EPOCH, "another join"));
    loop.pass(Duration.ofSeconds(1));
    assertThat(wires).hasSize(2);

    member = member(MemberSettings.defaults().withInstanceId("i"));
    joined(9, 0);
    int count = wires.size();
    wire().end(new WeirException(ErrorCode.FENCED_MEMBER_EPOCH, "another instance"));
    loop.pass(Duration.ofSeconds(20)); // the first member's attempt is still open
    assertThat(heard).endsWith("failed FENCED_MEMBER_EPOCH");
    assertThat(wires).hasSize(count);
  }

  @Test
  void triesUntilItsPatienceEndsThenNamesTheReason() {
    member.start();
    loop.run();
    Duration tried = Duration.ZERO;
    while (!heard.contains("failed NOT_COORDINATOR")) {
      assertThat(tried).isLessThanOrEqualTo(TOTAL);
      wire().end(new WeirException(ErrorCode.NOT_COORDINATOR, "not here"));
      loop.pass(Duration.ofSeconds(1));
      tried = tried.plusSeconds(1);
    }

    assertThat(tried).isGreaterThan(TOTAL.minusSeconds(3));
    assertThat(wires).hasSizeGreaterThan(100);
  }

  @Test
  void anAttemptWithoutAnAnswerIsGivenUp() {
    member.start();
    loop.pass(ATTEMPT.plusSeconds(2));

    assertThat(wires).hasSize(2);
    assertThat(wires.get(0).closed).isTrue();
  }

  @Test
  void aCommitWithoutAnAnswerMeansThatTheWireIsDead() {
    joined(1, 0);
    member.commit(5, List.of(offset(0, 3)));
    loop.run();
    assertThat(wire().sent.get(1).getCommit().getMemberEpoch()).isEqualTo(1);

    loop.pass(ATTEMPT.plus(HEARTBEAT).plusSeconds(1));

    assertThat(wires).hasSize(2);
    assertThat(heard).contains("disconnected");
  }

  @Test
  void anAnsweredCommitKeepsTheWire() {
    joined(1, 0);
    member.commit(5, List.of(offset(0, 3)));
    loop.run();
    wire()
        .event(
            GroupEvent.newBuilder()
                .setCommitted(
                    dev.weir.core.protocol.GroupCommitted.newBuilder().setCorrelationId(5))
                .build());

    loop.pass(ATTEMPT.multipliedBy(3));

    assertThat(wires).hasSize(1);
    assertThat(heard).endsWith("committed 5");
  }

  @Test
  void sendsNoCommitsWhileItIsNotJoined() {
    joined(1, 0);
    wire().end(new WeirException(ErrorCode.CONNECTION_LOST, "cut"));
    loop.run();
    member.commit(5, List.of(offset(0, 3)));
    loop.pass(Duration.ofSeconds(1));

    assertThat(wire().sent).noneMatch(GroupRequest::hasCommit);
  }

  @Test
  void aPartitionThatIsOwnedAlreadyIsNotAssignedAgain() {
    joined(1, 0);

    wire()
        .event(
            GroupEvent.newBuilder()
                .setAssigned(
                    GroupAssigned.newBuilder()
                        .addPartitions(assigned(0))
                        .addPartitions(assigned(1)))
                .build());
    loop.run();

    assertThat(heard).endsWith("assigned [1]");
  }

  @Test
  void leavesAndWaitsForTheCoordinatorsEnd() {
    joined(1, 0);
    member.leave(Duration.ofSeconds(2));
    loop.run();
    assertThat(wire().sent.get(1).hasLeave()).isTrue();
    assertThat(heard).doesNotContain("left");

    wire().end(null);
    loop.run();

    assertThat(heard).endsWith("left");
  }

  @Test
  void leavesAtItsDeadlineAtLatest() {
    joined(1, 0);
    member.leave(Duration.ofSeconds(2));

    loop.pass(Duration.ofSeconds(3));

    assertThat(heard).endsWith("left");
    assertThat(wire().closed).isTrue();
  }

  @Test
  void whatAnEarlierWireSaysIsTooLate() {
    joined(1, 0);
    Wire first = wire();
    first.end(new WeirException(ErrorCode.CONNECTION_LOST, "cut"));
    loop.pass(Duration.ofSeconds(1));
    wire().event(answer(2, 0));
    loop.run();
    List<String> before = List.copyOf(heard);

    first.end(new WeirException(ErrorCode.FENCED_MEMBER_EPOCH, "by its own second join"));
    first.event(answer(9));
    loop.run();

    assertThat(heard).isEqualTo(before);
  }

  private void joined(int epoch, int... owned) {
    member.start();
    loop.run();
    wire().event(answer(epoch, owned));
    loop.run();
  }

  private Wire wire() {
    return wires.get(wires.size() - 1);
  }

  private GroupMembership member(MemberSettings settings) {
    GroupPatience patience =
        new GroupPatience() {
          @Override
          public Duration attempt() {
            return ATTEMPT;
          }

          @Override
          public Duration total() {
            return TOTAL;
          }

          @Override
          public void onAnswer() {}

          @Override
          public String clientId() {
            return "test";
          }
        };
    return new GroupMembership(
        loop,
        loop,
        (group, listener) -> {
          Wire wire = new Wire(listener);
          wires.add(wire);
          return wire;
        },
        GroupSubscription.of("g", "t").withMember(settings),
        patience,
        new Backoff(new SplittableRandom(1)),
        new Heard());
  }

  private static GroupEvent answer(int epoch, int... owned) {
    GroupJoined.Builder joined =
        GroupJoined.newBuilder()
            .setMemberEpoch(epoch)
            .setHeartbeatIntervalMs((int) HEARTBEAT.toMillis());
    for (int partition : owned) {
      joined.addOwned(assigned(partition));
    }
    return GroupEvent.newBuilder().setJoined(joined).build();
  }

  private static AssignedPartition assigned(int partition) {
    return AssignedPartition.newBuilder().setTopic("t").setCommitted(offset(partition, -1)).build();
  }

  private static GroupOffset offset(int partition, long offset) {
    return GroupOffset.newBuilder()
        .setTopicId(ByteString.copyFrom(new byte[16]))
        .setPartition(partition)
        .setOffset(offset)
        .build();
  }

  private static GroupPartition key(int partition) {
    return GroupPartition.newBuilder()
        .setTopicId(ByteString.copyFrom(new byte[16]))
        .setPartition(partition)
        .build();
  }

  private static final class Wire implements GroupWire {
    private final Listener listener;
    private final List<GroupRequest> sent = new ArrayList<>();
    private boolean behind;
    private boolean closed;

    Wire(Listener listener) {
      this.listener = listener;
    }

    void event(GroupEvent event) {
      listener.onEvent(this, event);
    }

    void end(@Nullable Throwable reason) {
      listener.onEnd(this, reason);
    }

    @Override
    public void send(GroupRequest request) {
      sent.add(request);
    }

    @Override
    public boolean isBehind() {
      return behind;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final class Heard implements MemberListener {
    @Override
    public void onJoined(List<AssignedPartition> added, List<GroupPartition> lost) {
      heard.add(
          "joined +"
              + numbers(added)
              + " -"
              + lost.stream().map(GroupPartition::getPartition).toList());
    }

    @Override
    public void onAssigned(List<AssignedPartition> partitions) {
      heard.add("assigned " + numbers(partitions));
    }

    @Override
    public void onRevoke(List<GroupPartition> partitions, Duration deadline) {
      heard.add("revoke");
    }

    @Override
    public void onCommitted(long correlationId, List<PartitionError> errors) {
      heard.add("committed " + correlationId);
    }

    @Override
    public void onDisconnected() {
      heard.add("disconnected");
    }

    @Override
    public void onLost() {
      heard.add("lost all");
    }

    @Override
    public void onLeft() {
      heard.add("left");
    }

    @Override
    public void onFailed(WeirException reason) {
      heard.add("failed " + reason.code());
    }

    private List<Integer> numbers(List<AssignedPartition> partitions) {
      return partitions.stream().map(each -> each.getCommitted().getPartition()).toList();
    }
  }
}
