package dev.weir.broker.group.state;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Every group of one shard as the records of its partition tell it. */
final class ShardState {
  private final Map<String, Group> groups = new TreeMap<>();
  private final StateBudget budget;
  private long bytes;

  ShardState(StateBudget budget) {
    this.budget = budget;
  }

  @Nullable Group find(String name) {
    return groups.get(name);
  }

  Collection<Group> groups() {
    return Collections.unmodifiableCollection(groups.values());
  }

  void replay(GroupRecord record) {
    Group known = groups.get(record.group());
    Group group = known == null ? new Group(record.group()) : known;
    long before = StateSize.replaced(group, record);
    group.replay(record);
    count(StateSize.of(record) - before);
    if (known == null && !group.isForgotten()) {
      groups.put(group.name(), group);
      count(StateSize.ofGroup(group.name()));
    } else if (known != null && group.isForgotten()) {
      groups.remove(group.name());
      count(-StateSize.ofGroup(group.name()));
    }
  }

  /** Gives back what it has taken from the budget; it is not used any more. */
  void close() {
    count(-bytes);
  }

  boolean hasRoomFor(Collection<GroupRecord> records) {
    long more = 0;
    for (GroupRecord record : records) {
      more += StateSize.of(record);
    }
    return budget.hasRoomFor(more);
  }

  private void count(long more) {
    bytes += more;
    budget.add(more);
  }
}
