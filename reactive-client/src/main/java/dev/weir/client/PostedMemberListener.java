package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.PartitionError;
import java.time.Duration;
import java.util.List;

/** Brings what happens to a member from its membership's loop into its subscription's. */
record PostedMemberListener(PartitionLoop loop, MemberListener to) implements MemberListener {
  @Override
  public void onJoined(List<AssignedPartition> added, List<GroupPartition> lost) {
    post(() -> to.onJoined(added, lost));
  }

  @Override
  public void onAssigned(List<AssignedPartition> partitions) {
    post(() -> to.onAssigned(partitions));
  }

  @Override
  public void onRevoke(List<GroupPartition> partitions, Duration deadline) {
    post(() -> to.onRevoke(partitions, deadline));
  }

  @Override
  public void onCommitted(long correlationId, List<PartitionError> errors) {
    post(() -> to.onCommitted(correlationId, errors));
  }

  @Override
  public void onDisconnected() {
    post(to::onDisconnected);
  }

  @Override
  public void onLost() {
    post(to::onLost);
  }

  @Override
  public void onLeft() {
    post(to::onLeft);
  }

  @Override
  public void onFailed(WeirException reason) {
    post(() -> to.onFailed(reason));
  }

  private void post(Runnable task) {
    ClientThreads.post(loop, task);
  }
}
