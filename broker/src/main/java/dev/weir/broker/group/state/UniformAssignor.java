package dev.weir.broker.group.state;

import dev.weir.core.topic.TopicId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * As many partitions for each as can be, moving as few as can be. Members that subscribe to the
 * same topics differ by one at most; with different topics no partition could go to a subscriber
 * that has two fewer than its owner.
 *
 * <p>Members of equal subscriptions form a class that keeps them by load, so that the least loaded
 * subscriber of a topic is found by asking its classes.
 */
final class UniformAssignor implements Assignor {
  @Override
  public Map<PartitionId, String> assign(List<Candidate> candidates, TopicsView topics) {
    return new Run(candidates, topics).assign();
  }

  /** A member in the making of an assignment. */
  private static final class Load {
    private final Candidate candidate;
    private final Map<TopicId, NavigableSet<PartitionId>> kept = new HashMap<>(); // owned already
    private final Map<TopicId, NavigableSet<PartitionId>> added = new HashMap<>();
    private final NavigableSet<Load> classmates;
    private int count;

    Load(Candidate candidate, NavigableSet<Load> classmates) {
      this.candidate = candidate;
      this.classmates = classmates;
    }

    void add(PartitionId partition) {
      classmates.remove(this);
      (candidate.owned().contains(partition) ? kept : added)
          .computeIfAbsent(partition.topic(), topic -> new TreeSet<>())
          .add(partition);
      count++;
      classmates.add(this);
    }

    /** Gives one of the topic up, one that it does not own yet if there is. */
    PartitionId give(TopicId topic) {
      classmates.remove(this);
      PartitionId given = last(added.get(topic));
      if (given == null) {
        given = Objects.requireNonNull(last(kept.get(topic)));
      }
      count--;
      classmates.add(this);
      return given;
    }

    boolean has(TopicId topic) {
      return isThere(added.get(topic)) || isThere(kept.get(topic));
    }

    private static @Nullable PartitionId last(@Nullable NavigableSet<PartitionId> partitions) {
      return partitions == null ? null : partitions.pollLast();
    }

    private static boolean isThere(@Nullable NavigableSet<PartitionId> partitions) {
      return partitions != null && !partitions.isEmpty();
    }

    int count() {
      return count;
    }

    String order() {
      return candidate.order();
    }

    String id() {
      return candidate.id();
    }
  }

  private static final class Run {
    private static final Comparator<Load> BY_LOAD =
        Comparator.comparingInt(Load::count).thenComparing(Load::order).thenComparing(Load::id);

    private final SortedMap<String, Load> loads = new TreeMap<>();
    private final SortedMap<String, List<NavigableSet<Load>>> subscribers = new TreeMap<>();
    private final TopicsView topics;

    Run(List<Candidate> candidates, TopicsView topics) {
      this.topics = topics;
      Map<SortedSet<String>, NavigableSet<Load>> classes = new HashMap<>();
      for (Candidate candidate : candidates) {
        NavigableSet<Load> classmates =
            classes.computeIfAbsent(candidate.topics(), same -> new TreeSet<>(BY_LOAD));
        Load load = new Load(candidate, classmates);
        loads.put(candidate.id(), load);
        classmates.add(load);
      }
      classes.forEach(
          (names, members) ->
              names.forEach(
                  name ->
                      subscribers.computeIfAbsent(name, topic -> new ArrayList<>()).add(members)));
    }

    Map<PartitionId, String> assign() {
      keepWhatIsOwned();
      handOutTheRest();
      while (level()) {
        // a member that could not give may be able to, now that others have less
      }
      Map<PartitionId, String> owners = new HashMap<>();
      loads.forEach(
          (id, load) -> {
            load.kept.values().forEach(all -> all.forEach(each -> owners.put(each, id)));
            load.added.values().forEach(all -> all.forEach(each -> owners.put(each, id)));
          });
      return owners;
    }

    private void keepWhatIsOwned() {
      for (Load load : loads.values()) {
        for (PartitionId partition : load.candidate.owned()) {
          TopicsView.Topic topic = topics.withId(partition.topic());
          if (topic != null
              && partition.partition() < topic.partitions()
              && load.candidate.topics().contains(topic.name())) {
            load.add(partition);
          }
        }
      }
    }

    private void handOutTheRest() {
      Map<PartitionId, Boolean> taken = new HashMap<>();
      loads
          .values()
          .forEach(
              load ->
                  load.kept.values().forEach(all -> all.forEach(each -> taken.put(each, true))));
      for (String name : subscribers.keySet()) {
        TopicsView.Topic topic = topics.named(name);
        for (int i = 0; topic != null && i < topic.partitions(); i++) {
          PartitionId partition = new PartitionId(topic.id(), i);
          if (!taken.containsKey(partition)) {
            leastOf(name).add(partition);
          }
        }
      }
    }

    /** From those that have most to those that have least; returns whether anything moved. */
    private boolean level() {
      boolean moved = false;
      NavigableSet<Load> givers = new TreeSet<>(BY_LOAD);
      givers.addAll(loads.values());
      while (!givers.isEmpty()) {
        Load giver = Objects.requireNonNull(givers.pollLast());
        Load taker = takerOf(giver);
        if (taker != null) {
          boolean waits = givers.remove(taker);
          taker.add(giver.give(topicFor(giver, taker)));
          givers.add(giver);
          if (waits) {
            givers.add(taker);
          }
          moved = true;
        }
      }
      return moved;
    }

    /** The least loaded that can take one and still has no more than the giver. */
    private @Nullable Load takerOf(Load giver) {
      Load best = null;
      for (String name : giver.candidate.topics()) {
        TopicsView.Topic topic = topics.named(name);
        if (topic != null && giver.has(topic.id())) {
          Load least = leastOf(name);
          if (best == null || BY_LOAD.compare(least, best) < 0) {
            best = least;
          }
        }
      }
      return best == null || giver.count - best.count < 2 ? null : best;
    }

    private TopicId topicFor(Load giver, Load taker) {
      TopicId found = null;
      for (String name : giver.candidate.topics()) {
        TopicsView.Topic topic = topics.named(name);
        if (topic != null
            && taker.candidate.topics().contains(name)
            && giver.has(topic.id())
            && (found == null || Load.isThere(giver.added.get(topic.id())))) {
          found = topic.id();
        }
      }
      return Objects.requireNonNull(found);
    }

    private Load leastOf(String topic) {
      Load least = null;
      for (NavigableSet<Load> members : Objects.requireNonNull(subscribers.get(topic))) {
        Load first = members.first();
        if (least == null || BY_LOAD.compare(first, least) < 0) {
          least = first;
        }
      }
      return Objects.requireNonNull(least);
    }
  }
}
