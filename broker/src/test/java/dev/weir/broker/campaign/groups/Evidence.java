package dev.weir.broker.campaign.groups;

import java.util.List;
import java.util.Map;

/**
 * All that was written down about a run.
 *
 * @param begin when the faults began, milliseconds since 1970
 * @param changes of the group's members, in the order of the coordinator's log
 * @param commits in the order of the coordinator's log
 * @param committed by partition, in the end
 */
record Evidence(
    int partitions,
    long begin,
    List<MemberHistory> members,
    List<Change> changes,
    List<Commit> commits,
    Produced produced,
    List<Fault> faults,
    Map<Integer, Long> committed) {}
