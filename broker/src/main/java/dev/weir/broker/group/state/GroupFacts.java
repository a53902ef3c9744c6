package dev.weir.broker.group.state;

/**
 * What is durable of a group beside its members and offsets.
 *
 * @param epoch rises with every join and whenever partitions are moved
 * @param emptySince when its last member went, milliseconds since 1970; 0: it has members
 */
public record GroupFacts(int epoch, String assignor, long emptySince) {
  static final GroupFacts NONE = new GroupFacts(0, "", 0);

  GroupFacts withEpoch(int newEpoch) {
    return new GroupFacts(newEpoch, assignor, emptySince);
  }

  GroupFacts withEmptySince(long millis) {
    return new GroupFacts(epoch, assignor, millis);
  }
}
