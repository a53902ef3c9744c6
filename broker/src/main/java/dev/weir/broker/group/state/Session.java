package dev.weir.broker.group.state;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Whether a member lives: its channel and its deadlines. Not durable. */
final class Session {
  static final long NO_CHANNEL = -1;

  private final Member member;
  private final Map<PartitionId, Long> drainDeadlines = new HashMap<>();
  private long channel = NO_CHANNEL;
  private String address = "";
  private long periodNanos;
  private long deadline;

  Session(Member member) {
    this.member = member;
  }

  /** Whose session it is. */
  record Member(String group, String id) {}

  Member member() {
    return member;
  }

  long channel() {
    return channel;
  }

  boolean isConnected() {
    return channel != NO_CHANNEL;
  }

  /** Empty while it is not connected. */
  String address() {
    return address;
  }

  void connect(long newChannel, String remoteAddress) {
    channel = newChannel;
    address = remoteAddress;
    drainDeadlines.clear();
  }

  void disconnect() {
    channel = NO_CHANNEL;
    address = "";
    drainDeadlines.clear(); // what it has to give up it is told again when it comes back
  }

  /** It lives until then if nothing is heard of it. */
  void liveFor(long nanos, long now) {
    periodNanos = nanos;
    deadline = now + nanos;
  }

  /** Something was heard of it, or nothing could have been. */
  void renew(long now) {
    deadline = now + periodNanos;
  }

  void drainUntil(Collection<PartitionId> partitions, long nanos) {
    partitions.forEach(partition -> drainDeadlines.putIfAbsent(partition, nanos));
  }

  void onDrained(Collection<PartitionId> partitions) {
    partitions.forEach(drainDeadlines::remove);
  }

  boolean isSilent(long now) {
    return now - deadline >= 0;
  }

  boolean isDrainOverdue(long now) {
    return drainDeadlines.values().stream().anyMatch(at -> now - at >= 0);
  }
}
