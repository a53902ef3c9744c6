package dev.weir.client;

import dev.weir.core.topic.TopicPartition;
import java.util.List;
import java.util.Set;

/**
 * A group in detail.
 *
 * @param state Empty, Assigning (a partition waits to be given up) or Stable
 * @param epoch rises whenever the assignment is computed anew
 * @param partitions every partition that is assigned or has a committed offset, by name
 */
public record GroupDescription(
    String group,
    String state,
    int epoch,
    String assignor,
    ServerAddress coordinator,
    List<Member> members,
    List<Partition> partitions) {

  /**
   * One member.
   *
   * @param instanceId empty for a dynamic member
   * @param remoteAddress empty while it is not connected, within its grace
   */
  public record Member(
      String memberId,
      String instanceId,
      String clientId,
      String remoteAddress,
      int epoch,
      Set<String> topics) {}

  /**
   * How far the group is in one partition.
   *
   * @param committedOffset −1: none
   * @param highWatermark −1: not known, for instance because the topic is gone
   * @param memberId who owns it; empty: nobody
   * @param draining taken back from its owner, who has not given it up yet
   * @param acknowledgedBeyond records processed beyond the committed offset
   */
  public record Partition(
      TopicPartition partition,
      long committedOffset,
      long highWatermark,
      String memberId,
      boolean draining,
      long acknowledgedBeyond,
      String metadata) {
    /** Offsets that are not processed yet; −1: not known. */
    public long lag() {
      return committedOffset < 0 || highWatermark < 0
          ? -1
          : Math.max(0, highWatermark - committedOffset - acknowledgedBeyond);
    }
  }
}
