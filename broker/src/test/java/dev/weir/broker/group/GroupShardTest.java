package dev.weir.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.broker.group.state.GroupMachine;
import dev.weir.broker.group.state.GroupSettings;
import dev.weir.broker.group.state.StateBudget;
import dev.weir.broker.group.state.TopicsView;
import dev.weir.broker.partition.KeyedPartition;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.CommitOffsetsRequest;
import dev.weir.core.protocol.CommitOffsetsResponse;
import dev.weir.core.protocol.FetchOffsetsRequest;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicId;
import dev.weir.storage.QueueLoop;
import dev.weir.storage.disk.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A shard on a simulated disk; the test's thread is its loop, its flush and its read thread. */
class GroupShardTest {
  private static final TopicId TOPIC = new TopicId(3, 4);
  private static final TopicsView TOPICS =
      new TopicsView(List.of(new TopicsView.Topic("t", TOPIC, 4)));
  private static final GroupSettings SETTINGS =
      new GroupSettings(
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          100,
          4096,
          Duration.ofDays(7));

  private final QueueLoop loop = new QueueLoop();
  private final StateBudget budget = new StateBudget(1 << 20);
  private final GroupCounters counters = new GroupCounters();
  private final List<GroupShard> ended = new ArrayList<>();
  private KeyedPartition partition;
  private GroupShard shard;

  /** What a member has heard. */
  private static final class Channel implements MemberChannel {
    final List<GroupEvent> events = new ArrayList<>();
    int processed;
    boolean isEnded;
    @Nullable ErrorCode end;

    @Override
    public void send(GroupEvent event) {
      events.add(event);
    }

    @Override
    public void onProcessed() {
      processed++;
    }

    @Override
    public void end(@Nullable WeirException reason) {
      isEnded = true;
      end = reason == null ? null : reason.code();
    }
  }

  @BeforeEach
  void start() throws IOException {
    partition = new KeyedPartition("__consumer_offsets", loop);
    shard = load();
  }

  private GroupShard load() {
    GroupShard loaded = begin();
    loop.runAll();
    return loaded;
  }

  private GroupShard begin() {
    GroupShard begun =
        new GroupShard(
            partition.hosted(),
            new GroupShard.Shared(
                () -> new GroupMachine(Time.system(), SETTINGS, budget),
                loop,
                Time.system(),
                () -> TOPICS,
                counters,
                ended::add));
    begun.begin();
    return begun;
  }

  @Test
  void nothingIsToldBeforeItIsOnTheDisk() {
    CompletableFuture<CommitOffsetsResponse> answer = commit("g", 5);
    CompletableFuture<Long> read = committed("g");
    loop.runOne();
    loop.runOne(); // both requests; the flush is still to come
    assertThat(answer).isNotDone();
    assertThat(read).as("what rests on it is not told either").isNotDone();
    loop.runAll();
    assertThat(answer).isCompleted();
    assertThat(read).isCompletedWithValue(5L);
  }

  @Test
  void everythingComesBackFromTheLog() {
    for (int i = 0; i < 50; i++) {
      CompletableFuture<CommitOffsetsResponse> answer = commit("g" + i % 7, i);
      loop.runAll();
      assertThat(answer).isCompleted();
    }
    Channel member = join("m1");
    assertThat(member.events).hasSize(2);

    GroupShard again = load();

    long used = budget.used();
    shard = again;
    CompletableFuture<Long> read = committed("g0");
    loop.runAll();
    assertThat(read).isCompletedWithValue(49L);
    assertThat(counters.members()).isEqualTo(2); // of both shards
    assertThat(used).isPositive();
  }

  @Test
  void whoComesWhileTheLogIsReadIsAskedToComeAgain() {
    var unused = commit("g", 1);
    loop.runAll();
    GroupShard loading = begin();
    Channel early = new Channel();
    loading.join(early, "here", GroupJoin.getDefaultInstance());
    loop.runAll();
    assertThat(early.end).isEqualTo(ErrorCode.COORDINATOR_LOADING);
  }

  @Test
  void whatTheDiskRefusesHasNotHappenedAndTheMemberStays() {
    Channel member = join("m1");
    int epoch = member.events.get(0).getJoined().getMemberEpoch();
    partition.files().failAt(partition.files().operations() + 1, Fault.DISK_FULL);
    send(member, commitRequest(epoch, 9));

    GroupEvent answer = member.events.get(2);
    assertThat(answer.getCommitted().getErrors(0).getError())
        .isEqualTo(ErrorCode.STORAGE_FULL.number());
    assertThat(member.isEnded).isFalse();
    partition.files().freeSpace();
    send(member, commitRequest(epoch, 10));
    assertThat(member.events.get(3).getCommitted().getErrorsList()).isEmpty();
    CompletableFuture<Long> read = committed("g");
    loop.runAll();
    assertThat(read).isCompletedWithValue(10L);
    assertThat(counters.refusedCommits()).isEqualTo(1);
    assertThat(counters.commits()).isEqualTo(1);
  }

  @Test
  void whenTheDiskFailsEverybodyIsSentAwayToComeBack() {
    Channel member = join("m1");
    CompletableFuture<CommitOffsetsResponse> answer = commit("other", 5);
    loop.runOne();
    partition.files().failAt(partition.files().operations() + 1, Fault.IO_ERROR);
    loop.runAll();

    assertThat(answer).isCompletedExceptionally();
    assertThat(member.isEnded).isTrue();
    assertThat(member.end).isEqualTo(ErrorCode.STORAGE_OFFLINE);
    assertThat(ended).containsExactly(shard);
    assertThat(budget.used()).isZero();
    assertThat(counters.groups()).isZero();
  }

  @Test
  void membersOfAPartitionThatGoesAreSentAway() {
    Channel member = join("m1");
    var unused = partition.delete();
    loop.runAll();
    assertThat(member.isEnded).isTrue();
    assertThat(ended).containsExactly(shard);
  }

  @Test
  void joinsThatComeTogetherAreOneRebalance() {
    Channel first = new Channel();
    Channel second = new Channel();
    shard.join(first, "here", joinOf("m1"));
    shard.join(second, "there", joinOf("m2"));
    loop.runAll();
    assertThat(first.events).hasSize(2);
    assertThat(first.events.get(1).getAssigned().getPartitionsCount()).isEqualTo(2);
    assertThat(second.events.get(1).getAssigned().getPartitionsCount()).isEqualTo(2);
    assertThat(counters.rebalances()).isEqualTo(1);
  }

  private Channel join(String memberId) {
    Channel channel = new Channel();
    shard.join(channel, "here", joinOf(memberId));
    loop.runAll();
    assertThat(channel.processed).isEqualTo(1);
    return channel;
  }

  private static GroupJoin joinOf(String memberId) {
    return GroupJoin.newBuilder().setGroup("g").setMemberId(memberId).addTopics("t").build();
  }

  private void send(Channel channel, GroupRequest request) {
    shard.request(channel, request);
    loop.runAll();
  }

  private static GroupRequest commitRequest(int epoch, long offset) {
    return GroupRequest.newBuilder()
        .setCommit(GroupCommit.newBuilder().setMemberEpoch(epoch).addOffsets(offset(offset)))
        .build();
  }

  private static GroupOffset offset(long offset) {
    return GroupOffset.newBuilder()
        .setTopicId(ByteString.copyFrom(TOPIC.toBytes()))
        .setOffset(offset)
        .build();
  }

  private CompletableFuture<CommitOffsetsResponse> commit(String group, long offset) {
    CommitOffsetsRequest request =
        CommitOffsetsRequest.newBuilder().setGroup(group).addOffsets(offset(offset)).build();
    return shard.ask(machine -> machine.admin().commit(request));
  }

  private CompletableFuture<Long> committed(String group) {
    FetchOffsetsRequest request = FetchOffsetsRequest.newBuilder().setGroup(group).build();
    return shard
        .ask(machine -> machine.admin().fetch(request))
        .thenApply(answer -> answer.getOffsets(0).getCommitted().getOffset());
  }
}
