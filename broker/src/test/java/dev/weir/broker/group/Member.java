package dev.weir.broker.group;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.broker.PlainClient;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupCommitted;
import dev.weir.core.protocol.GroupDrained;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupHeartbeat;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupJoined;
import dev.weir.core.protocol.GroupLeave;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.GroupRequest;
import io.rsocket.Payload;
import io.rsocket.exceptions.CustomRSocketException;
import io.rsocket.util.DefaultPayload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

/** A member of a group, spoken by hand over a connection. */
final class Member implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Sinks.Many<Payload> requests = Sinks.many().unicast().onBackpressureBuffer();
  private final BlockingDeque<Object> heard = new LinkedBlockingDeque<>();
  private final Disposable channel;
  private long commits;

  private Member(PlainClient client, GroupJoin join) {
    requests.tryEmitNext(
        PlainClient.data("group", GroupRequest.newBuilder().setJoin(join).build().toByteArray()));
    channel =
        client
            .rsocket()
            .requestChannel(requests.asFlux())
            .subscribe(
                payload -> heard.add(event(payload)), heard::add, () -> heard.add("completed"));
  }

  /** Comes as often as the coordinator is still loading. */
  static Member join(PlainClient client, GroupJoin.Builder join) throws InterruptedException {
    for (int i = 0; ; i++) {
      Member member = new Member(client, join.build());
      Object first = member.next();
      boolean loads =
          first instanceof Throwable failure && code(failure) == ErrorCode.COORDINATOR_LOADING;
      if (!loads || i == 100) {
        member.heard.addFirst(first);
        return member;
      }
      TimeUnit.MILLISECONDS.sleep(20); // a client's backoff
    }
  }

  static GroupJoin.Builder as(String group, String memberId, String... topics) {
    return GroupJoin.newBuilder()
        .setGroup(group)
        .setMemberId(memberId)
        .addAllTopics(List.of(topics));
  }

  GroupJoined joined() throws InterruptedException {
    return event().getJoined();
  }

  /** The partitions of the next event, which hands some over. */
  List<Integer> assigned() throws InterruptedException {
    GroupEvent event = event();
    if (!event.hasAssigned()) {
      throw new AssertionError("expected partitions, got " + event);
    }
    return numbers(event.getAssigned().getPartitionsList());
  }

  /** The partitions of the next event, which takes some back. */
  List<GroupPartition> revoked() throws InterruptedException {
    GroupEvent event = event();
    if (!event.hasRevoke()) {
      throw new AssertionError("expected a revoke, got " + event);
    }
    return event.getRevoke().getPartitionsList();
  }

  static List<Integer> numbers(List<AssignedPartition> partitions) {
    return partitions.stream().map(each -> each.getCommitted().getPartition()).toList();
  }

  GroupCommitted commit(int epoch, ByteString topic, int partition, long offset)
      throws InterruptedException {
    return commit(
        epoch,
        GroupOffset.newBuilder()
            .setTopicId(topic)
            .setPartition(partition)
            .setOffset(offset)
            .build());
  }

  GroupCommitted commit(int epoch, GroupOffset... offsets) throws InterruptedException {
    send(
        GroupRequest.newBuilder()
            .setCommit(
                GroupCommit.newBuilder()
                    .setCorrelationId(++commits)
                    .setMemberEpoch(epoch)
                    .addAllOffsets(List.of(offsets))));
    GroupEvent event = event();
    if (event.getCommitted().getCorrelationId() != commits) {
      throw new AssertionError("expected the answer to a commit, got " + event);
    }
    return event.getCommitted();
  }

  void drained(List<GroupPartition> partitions) {
    send(
        GroupRequest.newBuilder()
            .setDrained(GroupDrained.newBuilder().addAllPartitions(partitions)));
  }

  void heartbeat() {
    send(GroupRequest.newBuilder().setHeartbeat(GroupHeartbeat.getDefaultInstance()));
  }

  void leave() {
    send(GroupRequest.newBuilder().setLeave(GroupLeave.getDefaultInstance()));
  }

  void send(GroupRequest.Builder request) {
    requests.tryEmitNext(DefaultPayload.create(request.build().toByteArray()));
  }

  GroupEvent event() throws InterruptedException {
    Object next = next();
    if (next instanceof GroupEvent event) {
      return event;
    }
    throw new AssertionError("expected an event, got " + next);
  }

  /** What ends the channel; null when it is completed. */
  @Nullable ErrorCode end() throws InterruptedException {
    for (Object next = next(); ; next = next()) {
      if (next instanceof Throwable failure) {
        return code(failure);
      } else if (next.equals("completed")) {
        return null;
      }
    }
  }

  /** Everything that has been heard and not looked at. */
  List<Object> rest() {
    List<Object> rest = new ArrayList<>();
    heard.drainTo(rest);
    return rest;
  }

  /** The connection breaks, as far as the broker can see. */
  @Override
  public void close() {
    channel.dispose();
  }

  private Object next() throws InterruptedException {
    Object next = heard.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was heard for " + SOON);
    }
    return next;
  }

  private static ErrorCode code(Throwable failure) {
    if (failure instanceof CustomRSocketException custom) {
      ErrorCode code = ErrorCode.ofNumber(custom.errorCode() - ErrorCode.WIRE_BASE);
      if (code != null) {
        return code;
      }
    }
    throw new AssertionError(failure);
  }

  private static GroupEvent event(Payload payload) {
    byte[] bytes = new byte[payload.getData().remaining()];
    payload.getData().get(bytes);
    try {
      return GroupEvent.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    } finally {
      payload.release();
    }
  }
}
