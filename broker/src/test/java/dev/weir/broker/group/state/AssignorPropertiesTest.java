package dev.weir.broker.group.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.topic.TopicId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class AssignorPropertiesTest {
  private static final Assignor UNIFORM = Assignor.named("uniform");
  private static final Assignor RANGE = Assignor.named("range");

  /** Members, topics, and what members own; made from a seed. */
  private static final class Case {
    final List<Assignor.Candidate> candidates = new ArrayList<>();
    final TopicsView topics;

    Case(long seed, boolean sameTopics) {
      Random random = new Random(seed);
      List<TopicsView.Topic> all = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(5); i++) {
        all.add(new TopicsView.Topic("t" + i, new TopicId(7, i), random.nextInt(12)));
      }
      topics = new TopicsView(all);
      int members = 1 + random.nextInt(7);
      List<Set<PartitionId>> owned = new ArrayList<>();
      for (int i = 0; i < members; i++) {
        owned.add(new HashSet<>());
      }
      for (TopicsView.Topic topic : all) {
        for (int i = 0; i < topic.partitions(); i++) {
          if (random.nextInt(4) > 0) {
            owned.get(random.nextInt(members)).add(new PartitionId(topic.id(), i));
          }
        }
      }
      for (int i = 0; i < members; i++) {
        SortedSet<String> subscribed = new TreeSet<>(Set.of("not-there"));
        for (TopicsView.Topic topic : all) {
          if (sameTopics || random.nextBoolean()) {
            subscribed.add(topic.name());
          }
        }
        candidates.add(
            new Assignor.Candidate("m" + i, "m" + (members - i), subscribed, owned.get(i)));
      }
    }

    Assignor.Candidate candidate(String id) {
      return candidates.stream().filter(each -> each.id().equals(id)).findAny().orElseThrow();
    }

    Map<String, Integer> loads(Map<PartitionId, String> owners) {
      Map<String, Integer> loads = new HashMap<>();
      candidates.forEach(candidate -> loads.put(candidate.id(), 0));
      owners.values().forEach(owner -> loads.merge(owner, 1, Integer::sum));
      return loads;
    }
  }

  @Property
  void everyPartitionThatIsWantedGoesToSomebodyWhoWantsIt(
      @ForAll long seed, @ForAll boolean sameTopics) {
    Case given = new Case(seed, sameTopics);
    for (Assignor assignor : List.of(UNIFORM, RANGE)) {
      Map<PartitionId, String> owners = assignor.assign(given.candidates, given.topics);
      Set<PartitionId> wanted = new HashSet<>();
      for (TopicsView.Topic topic : given.topics.all()) {
        if (given.candidates.stream().anyMatch(each -> each.topics().contains(topic.name()))) {
          for (int i = 0; i < topic.partitions(); i++) {
            wanted.add(new PartitionId(topic.id(), i));
          }
        }
      }
      assertThat(owners.keySet()).isEqualTo(wanted);
      owners.forEach(
          (partition, owner) -> {
            TopicsView.Topic topic = given.topics.withId(partition.topic());
            assertThat(topic).isNotNull();
            assertThat(given.candidate(owner).topics()).contains(topic.name());
          });
    }
  }

  @Property
  void membersOfTheSameTopicsDifferByOneAtMost(@ForAll long seed) {
    Case given = new Case(seed, true);
    Map<String, Integer> loads = given.loads(UNIFORM.assign(given.candidates, given.topics));
    int most = loads.values().stream().max(Comparator.naturalOrder()).orElseThrow();
    int least = loads.values().stream().min(Comparator.naturalOrder()).orElseThrow();
    assertThat(most - least).isLessThanOrEqualTo(1);
  }

  @Property
  void noPartitionCouldGoToASubscriberWithTwoFewer(@ForAll long seed) {
    Case given = new Case(seed, false);
    Map<PartitionId, String> owners = UNIFORM.assign(given.candidates, given.topics);
    Map<String, Integer> loads = given.loads(owners);
    owners.forEach(
        (partition, owner) -> {
          TopicsView.Topic topic = given.topics.withId(partition.topic());
          assertThat(topic).isNotNull();
          for (Assignor.Candidate other : given.candidates) {
            if (other.topics().contains(topic.name())) {
              assertThat(loads.get(owner) - loads.get(other.id())).isLessThan(2);
            }
          }
        });
  }

  @Property
  void asFewPartitionsMoveAsCanBe(@ForAll long seed) {
    Case given = new Case(seed, true);
    Map<PartitionId, String> owners = UNIFORM.assign(given.candidates, given.topics);
    int kept = 0;
    List<Integer> owned = new ArrayList<>();
    for (Assignor.Candidate candidate : given.candidates) {
      owned.add(candidate.owned().size());
      for (PartitionId partition : candidate.owned()) {
        kept += candidate.id().equals(owners.get(partition)) ? 1 : 0;
      }
    }
    // those that own most are the ones that may have one more than the others
    owned.sort(Comparator.reverseOrder());
    int least = owners.size() / owned.size();
    int withOneMore = owners.size() % owned.size();
    int possible = 0;
    for (int i = 0; i < owned.size(); i++) {
      possible += Math.min(owned.get(i), i < withOneMore ? least + 1 : least);
    }
    assertThat(kept).isEqualTo(possible);
  }

  @Property
  void whatIsBalancedStays(@ForAll long seed, @ForAll boolean sameTopics) {
    Case given = new Case(seed, sameTopics);
    Map<PartitionId, String> owners = UNIFORM.assign(given.candidates, given.topics);
    Map<String, Set<PartitionId>> owned = new HashMap<>();
    owners.forEach(
        (partition, owner) -> owned.computeIfAbsent(owner, id -> new HashSet<>()).add(partition));
    List<Assignor.Candidate> again =
        given.candidates.stream()
            .map(
                each ->
                    new Assignor.Candidate(
                        each.id(),
                        each.order(),
                        each.topics(),
                        owned.getOrDefault(each.id(), Set.of())))
            .toList();
    assertThat(UNIFORM.assign(again, given.topics)).isEqualTo(owners);
  }

  @Property
  void rangesAreConsecutiveAndDifferByOneAtMost(@ForAll long seed) {
    Case given = new Case(seed, false);
    Map<PartitionId, String> owners = RANGE.assign(given.candidates, given.topics);
    for (TopicsView.Topic topic : given.topics.all()) {
      List<String> inOrder = new ArrayList<>();
      Map<String, Integer> counts = new HashMap<>();
      given.candidates.stream()
          .filter(each -> each.topics().contains(topic.name()))
          .forEach(each -> counts.put(each.id(), 0));
      for (int i = 0; !counts.isEmpty() && i < topic.partitions(); i++) {
        String owner = owners.get(new PartitionId(topic.id(), i));
        counts.merge(String.valueOf(owner), 1, Integer::sum);
        if (inOrder.isEmpty() || !inOrder.get(inOrder.size() - 1).equals(owner)) {
          inOrder.add(String.valueOf(owner));
        }
      }
      assertThat(inOrder).doesNotHaveDuplicates();
      List<Integer> sorted = counts.values().stream().sorted().toList();
      if (!sorted.isEmpty()) {
        assertThat(sorted.get(sorted.size() - 1) - sorted.get(0)).isLessThanOrEqualTo(1);
      }
    }
  }
}
