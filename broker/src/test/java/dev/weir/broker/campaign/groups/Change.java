package dev.weir.broker.campaign.groups;

import java.util.Set;

/**
 * A member as a record of the coordinator's log says it is from then on.
 *
 * @param at milliseconds since 1970
 * @param memberId never used again
 * @param client the name the process gave itself
 * @param owned partitions, those that drain among them; none when it is gone
 */
record Change(
    long at,
    String memberId,
    String client,
    int epoch,
    Set<Integer> owned,
    Set<Integer> draining,
    boolean gone) {
  Change {
    owned = Set.copyOf(owned);
    draining = Set.copyOf(draining);
  }
}
