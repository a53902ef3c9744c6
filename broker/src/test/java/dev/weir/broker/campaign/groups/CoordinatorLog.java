package dev.weir.broker.campaign.groups;

import dev.weir.broker.group.format.RecordCodec;
import dev.weir.broker.group.state.CommittedOffset;
import dev.weir.broker.group.state.GroupRecord;
import dev.weir.broker.group.state.MemberFacts;
import dev.weir.broker.group.state.PartitionId;
import dev.weir.client.Assignment;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import dev.weir.core.topic.TopicId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** Follows the coordinator's log while it runs: what it says is what it decided. Any thread. */
final class CoordinatorLog implements AutoCloseable {
  private static final String OFFSETS = "__consumer_offsets";
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final TopicId topic;
  private final Breaches breaches;
  private final Ownership ownership;
  private final List<Change> changes = new ArrayList<>();
  private final List<Commit> commits = new ArrayList<>();
  private final Disposable following;

  /** Of a group that exists. */
  CoordinatorLog(WeirClient client, TopicId topic, int partitions, Breaches breaches) {
    this.topic = topic;
    this.breaches = breaches;
    this.ownership = new Ownership(partitions, new Breaches()); // judged once, by the checker
    this.following =
        client
            .consumer(
                ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes())
                    .withRetryTimeout(PATIENCE))
            .receive(Assignment.topic(OFFSETS, StartingPosition.earliest()))
            .subscribe(
                this::onRecord,
                failure -> breaches.add(Breach.FAILED_CLIENT, "the coordinator's log: " + failure));
  }

  private synchronized void onRecord(ConsumerRecord<byte[], byte[]> record) {
    GroupRecord read = RecordCodec.read(buffer(record.key()), buffer(record.value()));
    if (read == null || !read.group().equals(Storm.GROUP)) {
      return;
    }
    if (read instanceof GroupRecord.OfMember member) {
      Change change = change(record.timestamp(), member);
      changes.add(change);
      ownership.apply(change);
    } else if (read instanceof GroupRecord.OfOffset offset) {
      CommittedOffset value = offset.value();
      if (value == null) {
        breaches.add(Breach.COMMIT_LOST, "the coordinator forgot partition " + offset.partition());
      } else {
        commits.add(new Commit(record.timestamp(), offset.partition(), value.offset()));
      }
    }
  }

  private static @Nullable ByteBuffer buffer(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private Change change(long at, GroupRecord.OfMember member) {
    MemberFacts facts = member.value();
    if (facts == null) {
      return new Change(at, member.memberId(), "", 0, Set.of(), Set.of(), true);
    }
    return new Change(
        at,
        member.memberId(),
        facts.clientId(),
        facts.epoch(),
        numbers(facts.owned()),
        numbers(facts.draining()),
        false);
  }

  private Set<Integer> numbers(SortedSet<PartitionId> owned) {
    Set<Integer> numbers = new TreeSet<>();
    for (PartitionId partition : owned) {
      if (partition.topic().equals(topic)) {
        numbers.add(partition.partition());
      }
    }
    return numbers;
  }

  synchronized boolean isSettled() {
    return ownership.isSettled();
  }

  /** How many partitions each client owns now. */
  synchronized Map<String, Integer> owners() {
    return ownership.owners();
  }

  synchronized List<Change> changes() {
    return List.copyOf(changes);
  }

  synchronized List<Commit> commits() {
    return List.copyOf(commits);
  }

  @Override
  public void close() {
    following.dispose();
  }
}
