package dev.weir.broker.group.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Of each topic consecutive partitions, so that topics of equal partition counts and subscribers
 * are split alike: what belongs together by key is read by one member.
 */
final class RangeAssignor implements Assignor {
  @Override
  public Map<PartitionId, String> assign(List<Candidate> candidates, TopicsView topics) {
    SortedMap<String, List<Candidate>> subscribers = new TreeMap<>();
    candidates.stream()
        .sorted(Comparator.comparing(Candidate::order).thenComparing(Candidate::id))
        .forEach(
            candidate ->
                candidate
                    .topics()
                    .forEach(
                        topic ->
                            subscribers
                                .computeIfAbsent(topic, name -> new ArrayList<>())
                                .add(candidate)));
    Map<PartitionId, String> owners = new HashMap<>();
    subscribers.forEach(
        (name, members) -> {
          TopicsView.Topic topic = topics.named(name);
          if (topic != null) {
            split(topic, members, owners);
          }
        });
    return owners;
  }

  private static void split(
      TopicsView.Topic topic, List<Candidate> members, Map<PartitionId, String> owners) {
    int least = topic.partitions() / members.size();
    int withOneMore = topic.partitions() % members.size();
    int partition = 0;
    for (int i = 0; i < members.size(); i++) {
      int end = partition + least + (i < withOneMore ? 1 : 0);
      for (; partition < end; partition++) {
        owners.put(new PartitionId(topic.id(), partition), members.get(i).id());
      }
    }
  }
}
