package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.PartitionError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * Brings to the coordinator what is acknowledged, one commit at a time; while it is out of reach,
 * commits wait. In the subscription's loop.
 */
final class GroupCommits {
  /** Room for the offsets of one commit; what does not fit goes with the next. */
  private static final int MAX_BYTES = 256 << 10;

  private record Round(long id, Map<GroupLane, GroupOffset> sent, List<MonoSink<Void>> waiters) {}

  private final GroupMember member;
  private final Collection<GroupLane> lanes; // those owned, live
  private final Runnable onStored;
  private List<MonoSink<Void>> waiters = new ArrayList<>(); // for the next round
  private @Nullable Round round;
  private boolean connected;
  private boolean again;
  private long nextId = 1;

  /**
   * @param onStored told when a commit is through
   */
  GroupCommits(GroupMember member, Collection<GroupLane> lanes, Runnable onStored) {
    this.member = member;
    this.lanes = lanes;
    this.onStored = onStored;
  }

  /** Commits what is acknowledged, at once or after the commit that is under way. */
  void commit() {
    if (round != null || !connected) {
      again = true;
    } else {
      start();
    }
  }

  /** The same, and tells when it is done. */
  void commit(MonoSink<Void> waiter) {
    waiters.add(waiter);
    commit();
  }

  void onConnected() {
    connected = true;
    if (again) {
      start();
    }
  }

  void onDisconnected() {
    connected = false;
    Round unanswered = round;
    if (unanswered != null) {
      round = null;
      again = true;
      waiters.addAll(0, unanswered.waiters());
    }
  }

  void onCommitted(long id, List<PartitionError> errors) {
    Round answered = round;
    if (answered == null || answered.id() != id) {
      return;
    }
    round = null;
    Map<GroupPartition, WeirException> failures = new HashMap<>();
    for (PartitionError error : errors) {
      failures.put(
          GroupPartition.newBuilder()
              .setTopicId(error.getTopicId())
              .setPartition(error.getPartition())
              .build(),
          Topics.errorOf(error.getError(), error.getErrorMessage()));
    }
    answered
        .sent()
        .forEach(
            (lane, offset) -> {
              WeirException failure = failures.get(lane.key());
              if (failure == null) {
                lane.onStored(offset);
              } else if (!failure.code().retriable()) {
                lane.onRefused(failure);
              }
            });
    if (failures.isEmpty()) {
      answered.waiters().forEach(MonoSink::success);
    } else {
      WeirException first = failures.values().iterator().next();
      answered.waiters().forEach(waiter -> waiter.error(first));
    }
    if (again) {
      start();
    }
    onStored.run();
  }

  /** Nothing more is committed; those who wait are told so. */
  void end() {
    connected = false;
    List<MonoSink<Void>> left = new ArrayList<>(waiters);
    if (round != null) {
      left.addAll(round.waiters());
      round = null;
    }
    waiters = new ArrayList<>();
    WeirException reason =
        new WeirException(ErrorCode.CLOSED, "the subscription ended before the commit was through");
    left.forEach(waiter -> waiter.error(reason));
  }

  private void start() {
    again = false;
    Map<GroupLane, GroupOffset> sent = new HashMap<>();
    int bytes = 0;
    for (GroupLane lane : lanes) {
      GroupOffset offset = bytes < MAX_BYTES ? lane.unstored() : null;
      again |= bytes >= MAX_BYTES;
      if (offset != null) {
        bytes += offset.getSerializedSize();
        sent.put(lane, offset);
        lane.onCommitBegun();
      }
    }
    List<MonoSink<Void>> covered = List.of();
    if (!again) {
      covered = waiters;
      waiters = new ArrayList<>();
    }
    if (sent.isEmpty()) {
      covered.forEach(MonoSink::success);
      return;
    }
    round = new Round(nextId++, sent, covered);
    member.commit(nextId - 1, List.copyOf(sent.values()));
  }
}
