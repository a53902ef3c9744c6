package dev.weir.broker.group.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupDrained;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupHeartbeat;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupLeave;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.GroupRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * Members that behave as ours do come, go, break, stand still; the coordinator dies and comes back,
 * before and after it has told what it wrote; topics are made and deleted.
 */
class GroupSimulationTest {
  private static final String GROUP = "g";
  private static final Set<ErrorCode> GOES_ON =
      Set.of(ErrorCode.STORAGE_FULL, ErrorCode.COORDINATOR_LOADING);

  /** A member's side: what it reads, and how far it is. */
  private static final class Member {
    final String id;
    final String instance;
    final Map<GroupPartition, Long> reading = new HashMap<>();
    final Set<GroupPartition> toDrain = new HashSet<>();
    int epoch;
    long channel = -1;
    boolean awaitsJoined;

    Member(String id, String instance) {
      this.id = id;
      this.instance = instance;
    }

    boolean isConnected() {
      return channel >= 0;
    }

    void forget() {
      reading.clear();
      toDrain.clear();
      epoch = 0;
    }
  }

  private static final class World {
    final Random random;
    final Coordinator coordinator = new Coordinator();
    final List<Member> members = new ArrayList<>();
    final Map<GroupPartition, Long> highest = new HashMap<>();
    int named;

    World(long seed) {
      random = new Random(seed);
      coordinator.createTopic("a", 1 + random.nextInt(8));
    }

    void step() {
      switch (random.nextInt(16)) {
        case 0 -> comeNew();
        case 1, 2 -> with(false, this::join);
        case 3 -> with(true, this::breakConnection);
        case 4 -> with(true, this::leave);
        case 5, 6, 7 -> with(true, this::drain);
        case 8, 9, 10 -> with(true, this::commit);
        case 11 -> members.forEach(this::heartbeat);
        case 12 -> pass(Duration.ofMillis(random.nextInt(3000)));
        case 13 -> restart();
        case 14 -> changeTopics();
        case 15 -> failOnce();
        default -> throw new AssertionError();
      }
      check();
    }

    void comeNew() {
      if (members.size() < 6) {
        int number = named++;
        members.add(new Member("m" + number, number % 3 == 0 ? "i" + number : ""));
        join(members.get(members.size() - 1));
      }
    }

    void with(boolean connected, Consumer<Member> action) {
      List<Member> those =
          members.stream().filter(member -> member.isConnected() == connected).toList();
      if (!those.isEmpty()) {
        action.accept(those.get(random.nextInt(those.size())));
      }
    }

    void join(Member member) {
      GroupJoin.Builder join =
          GroupJoin.newBuilder()
              .setGroup(GROUP)
              .setMemberId(member.id)
              .setInstanceId(member.instance)
              .setMemberEpoch(member.epoch)
              .addTopics("a");
      if (member.id.hashCode() % 4 != 0) {
        join.addTopics("b");
      }
      if (member.epoch != 0) {
        join.addAllOwned(member.reading.keySet());
      } else {
        member.forget();
      }
      member.awaitsJoined = true;
      member.channel = coordinator.join(join.build());
      listen();
    }

    void breakConnection(Member member) {
      coordinator.disconnect(member.channel);
      member.channel = -1;
    }

    void leave(Member member) {
      send(member, GroupRequest.newBuilder().setLeave(GroupLeave.getDefaultInstance()));
    }

    void drain(Member member) {
      if (!member.toDrain.isEmpty()) {
        GroupDrained.Builder drained = GroupDrained.newBuilder();
        for (GroupPartition partition : new ArrayList<>(member.toDrain)) {
          if (random.nextInt(4) > 0) {
            drained.addPartitions(partition);
            member.reading.remove(partition);
            member.toDrain.remove(partition);
          }
        }
        send(member, GroupRequest.newBuilder().setDrained(drained));
      }
    }

    void commit(Member member) {
      if (member.awaitsJoined) {
        return;
      }
      GroupCommit.Builder commit = GroupCommit.newBuilder().setMemberEpoch(member.epoch);
      for (GroupPartition partition : new ArrayList<>(member.reading.keySet())) {
        long at = member.reading.merge(partition, (long) random.nextInt(5), Long::sum);
        commit.addOffsets(
            GroupOffset.newBuilder()
                .setTopicId(partition.getTopicId())
                .setPartition(partition.getPartition())
                .setOffset(at));
      }
      send(member, GroupRequest.newBuilder().setCommit(commit));
    }

    void heartbeat(Member member) {
      if (member.isConnected()) {
        send(member, GroupRequest.newBuilder().setHeartbeat(GroupHeartbeat.getDefaultInstance()));
      }
    }

    void send(Member member, GroupRequest.Builder request) {
      coordinator.send(member.channel, request);
      listen();
    }

    void pass(Duration duration) {
      if (random.nextInt(10) == 0) {
        coordinator.pause(duration.plusSeconds(2));
      } else {
        coordinator.pass(duration);
      }
      listen();
    }

    void restart() {
      if (random.nextBoolean()) {
        coordinator.mute(true); // it dies after it has written the next thing
        with(true, this::drain);
        with(false, this::join);
        coordinator.mute(false);
      }
      coordinator.restart();
      members.forEach(member -> member.channel = -1);
    }

    void changeTopics() {
      boolean there = coordinator.topics().stream().anyMatch(topic -> topic.name().equals("b"));
      if (there) {
        coordinator.deleteTopic("b");
      } else {
        coordinator.createTopic("b", 1 + random.nextInt(5));
      }
      listen();
    }

    /** What the disk refuses has not happened. */
    void failOnce() {
      Map<String, List<GroupRecord>> before = coordinator.machine().snapshot();
      coordinator.refuse(true);
      with(false, this::join);
      with(true, this::drain);
      coordinator.refuse(false);
      assertThat(coordinator.machine().snapshot()).isEqualTo(before);
    }

    /** Members hear what they were told. */
    void listen() {
      for (Member member : members) {
        if (member.isConnected()) {
          coordinator.take(member.channel).forEach(event -> hear(member, event));
          Effect.@Nullable End end = coordinator.end(member.channel);
          if (end != null) {
            member.channel = -1;
            if (end.code() == null || !GOES_ON.contains(end.code())) {
              member.forget();
            }
          }
        }
      }
    }

    void hear(Member member, GroupEvent event) {
      switch (event.getKindCase()) {
        case JOINED -> {
          assertThat(member.awaitsJoined).isTrue();
          assertThat(event.getJoined().getMemberEpoch()).isGreaterThan(member.epoch);
          member.awaitsJoined = false;
          member.epoch = event.getJoined().getMemberEpoch();
          Set<GroupPartition> kept = new HashSet<>();
          event.getJoined().getOwnedList().forEach(each -> kept.add(partition(each)));
          member.reading.keySet().retainAll(kept);
          member.toDrain.clear();
          event.getJoined().getOwnedList().forEach(each -> begin(member, each, true));
        }
        case ASSIGNED -> {
          assertThat(member.awaitsJoined).isFalse();
          event.getAssigned().getPartitionsList().forEach(each -> begin(member, each, false));
        }
        case REVOKE -> {
          assertThat(member.reading.keySet()).containsAll(event.getRevoke().getPartitionsList());
          member.toDrain.addAll(event.getRevoke().getPartitionsList());
        }
        case COMMITTED ->
            // only of topics that are gone
            event
                .getCommitted()
                .getErrorsList()
                .forEach(
                    error ->
                        assertThat(error.getError()).isEqualTo(ErrorCode.UNKNOWN_TOPIC.number()));
        case KIND_NOT_SET -> throw new AssertionError();
      }
    }

    void begin(Member member, AssignedPartition assigned, boolean mayRead) {
      GroupPartition partition = partition(assigned);
      if (member.reading.containsKey(partition)) {
        assertThat(mayRead).as("%s is handed over twice", partition).isTrue();
        return;
      }
      member.reading.put(partition, Math.max(0, assigned.getCommitted().getOffset()));
    }

    static GroupPartition partition(AssignedPartition assigned) {
      return GroupPartition.newBuilder()
          .setTopicId(assigned.getCommitted().getTopicId())
          .setPartition(assigned.getCommitted().getPartition())
          .build();
    }

    void check() {
      Map<String, List<GroupRecord>> now = coordinator.machine().snapshot();
      assertThat(coordinator.reload().snapshot()).as("replay gives the same state").isEqualTo(now);
      Map<GroupPartition, String> readers = new HashMap<>();
      Map<String, MemberFacts> known = known(now);
      for (Member member : members) {
        MemberFacts facts = known.get(member.id);
        if (facts != null && (facts.epoch() == member.epoch || facts.baseEpoch() == member.epoch)) {
          for (GroupPartition partition : member.reading.keySet()) {
            assertThat(readers.put(partition, member.id))
                .as("%s has two readers", partition)
                .isNull();
          }
        }
      }
      for (GroupRecord record : now.getOrDefault(GROUP, List.of())) {
        if (record instanceof GroupRecord.OfOffset offset && offset.value() != null) {
          GroupPartition partition =
              new PartitionId(offset.value().topicId(), offset.partition()).message();
          long before = highest.getOrDefault(partition, 0L);
          assertThat(offset.value().offset()).isGreaterThanOrEqualTo(before);
          highest.put(partition, offset.value().offset());
        }
      }
    }

    static Map<String, MemberFacts> known(Map<String, List<GroupRecord>> snapshot) {
      Map<String, MemberFacts> known = new TreeMap<>();
      for (GroupRecord record : snapshot.getOrDefault(GROUP, List.of())) {
        if (record instanceof GroupRecord.OfMember member && member.value() != null) {
          known.put(member.memberId(), member.value());
        }
      }
      return known;
    }

    /** Whoever is there does what it should for as long as any timer runs. */
    void calmDown() {
      for (int i = 0; i < 80; i++) {
        members.stream().filter(Member::isConnected).forEach(this::heartbeat);
        for (Member member : List.copyOf(members)) {
          if (member.isConnected()) {
            drain(member);
          }
        }
        coordinator.pass(Duration.ofMillis(500));
        listen();
        check();
      }
    }

    void checkSettled() {
      List<Member> live = members.stream().filter(Member::isConnected).toList();
      Map<GroupPartition, String> readers = new HashMap<>();
      live.forEach(
          member -> {
            assertThat(member.toDrain).isEmpty();
            member.reading.keySet().forEach(each -> readers.put(each, member.id));
          });
      assertThat(known(coordinator.machine().snapshot()).keySet())
          .containsExactlyInAnyOrderElementsOf(live.stream().map(member -> member.id).toList());
      Set<GroupPartition> wanted = new HashSet<>();
      for (TopicsView.Topic topic : coordinator.topics()) {
        boolean isWanted =
            topic.name().equals("a")
                ? !live.isEmpty()
                : live.stream().anyMatch(member -> member.id.hashCode() % 4 != 0);
        for (int i = 0; isWanted && i < topic.partitions(); i++) {
          wanted.add(new PartitionId(topic.id(), i).message());
        }
      }
      assertThat(readers.keySet()).isEqualTo(wanted);
    }
  }

  @Property(tries = 400)
  void whateverHappensOneMemberOwnsAPartition(@ForAll long seed) {
    World world = new World(seed);
    for (int i = 0; i < 60; i++) {
      world.step();
    }
    world.calmDown();
    world.checkSettled();
  }
}
