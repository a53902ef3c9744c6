package dev.weir.broker.http;

import dev.weir.broker.route.Throttle;
import dev.weir.broker.subscription.WaitCause;
import dev.weir.replication.ReplicaHealth.State;
import java.util.function.ToDoubleFunction;

/**
 * Every meter of {@code /metrics}: its name, unit and meaning; the reference page is made of this
 * list.
 */
enum Meters {
  BATCHES_APPENDED(
      Kind.COUNTER,
      "weir.append.batches",
      "Batches that producers sent to this broker's partitions",
      s -> s.appends().batches()),
  BYTES_APPENDED(
      Kind.COUNTER, "weir.append.bytes", "Bytes of those batches", s -> s.appends().bytes()),
  ACKNOWLEDGED(
      Kind.COUNTER,
      "weir.produce.acknowledged",
      "Batches and records whose producers were told that they are stored",
      s -> s.appends().acknowledged()),
  REFUSED(
      Kind.COUNTER,
      "weir.produce.refused",
      "Batches and records whose producers were told that they are not stored",
      s -> s.appends().refused()),
  LOST(
      Kind.COUNTER,
      "weir.produce.lost",
      "Batches and records sent as fire-and-forget that are not stored",
      s -> s.appends().lostUnacknowledged()),
  THROTTLED_MEMORY(
      Kind.COUNTER,
      "weir.produce.throttled.memory",
      "Results given to a producer that is held back for want of memory",
      s -> s.appends().throttled(Throttle.MEMORY)),
  THROTTLED_FLUSH(
      Kind.COUNTER,
      "weir.produce.throttled.flush",
      "Results given to a producer that is held back because its partition is behind with its disk",
      s -> s.appends().throttled(Throttle.FLUSH)),
  THROTTLED_RESULTS(
      Kind.COUNTER,
      "weir.produce.throttled.results",
      "Results given to a producer that is held back because it does not read its results",
      s -> s.appends().throttled(Throttle.RESULTS)),
  ZERO_COPY_BYTES(
      Kind.COUNTER,
      "weir.transport.zero.copy.bytes",
      "Bytes that went from file to socket without a copy",
      s -> s.transport().zeroCopyBytes()),
  COPIED_BYTES(
      Kind.COUNTER,
      "weir.transport.copied.bytes",
      "Bytes of file ranges that had to be copied",
      s -> s.transport().copiedBytes()),
  COLD_RANGES(
      Kind.COUNTER,
      "weir.transport.cold.ranges",
      "File ranges that were read from the disk before they were sent",
      s -> s.transport().coldRanges()),
  STALLED_CONNECTIONS(
      Kind.COUNTER,
      "weir.transport.stalled.connections",
      "Connections closed because their peer did not read",
      s -> s.transport().stalledConnections()),
  REFUSED_STRANGERS(
      Kind.COUNTER,
      "weir.transport.refused.strangers",
      "Connections closed before their SETUP",
      s -> s.transport().refusedStrangers()),
  REFUSED_FLOODS(
      Kind.COUNTER,
      "weir.transport.refused.floods",
      "Connections closed because of frames nobody needs",
      s -> s.transport().refusedFloods()),
  REJECTED_STREAMS(
      Kind.COUNTER,
      "weir.transport.rejected.streams",
      "Requests refused because too many streams were open",
      s -> s.transport().rejectedStreams()),
  EVICTED_CONNECTIONS(
      Kind.COUNTER,
      "weir.transport.evicted.connections",
      "Connections closed because others needed the memory they held",
      s -> s.transport().evictedConnections()),
  CONNECTIONS(Kind.GAUGE, "weir.connections", "Open connections", s -> s.connections().getAsInt()),
  QUEUED_BYTES(
      Kind.GAUGE,
      "weir.transport.queued.bytes",
      "Bytes that wait for sockets",
      s -> s.queuedBytes().getAsLong()),
  HELD_BYTES(
      Kind.GAUGE,
      "weir.transport.held.bytes",
      "Memory of frames that wait for sockets or have not ended",
      s -> s.heldBytes().getAsLong()),
  PARTITIONS(Kind.GAUGE, "weir.partitions", "Partitions served", s -> s.partitions().getAsInt()),
  PARTITIONS_OFFLINE(
      Kind.GAUGE,
      "weir.partitions.offline",
      "Partitions that take no batches until the broker is started again",
      s -> s.troubles().count(State.OFFLINE)),
  PARTITIONS_FULL(
      Kind.GAUGE,
      "weir.partitions.full",
      "Partitions whose last batch was refused because the disk is full",
      s -> s.troubles().count(State.FULL)),
  PARTITIONS_FAILING(
      Kind.GAUGE,
      "weir.partitions.failing",
      "Partitions whose last batch could not be written for another reason",
      s -> s.troubles().count(State.FAILING)),
  FAILED_READS(
      Kind.COUNTER,
      "weir.read.failures",
      "Reads refused because the disk does not give what should be there",
      s -> s.troubles().failedReads()),
  FLUSHES(Kind.COUNTER, "weir.flush.count", "Tasks of flush threads", s -> s.flushes().count()),
  FLUSH_SECONDS(
      Kind.COUNTER,
      "weir.flush.seconds",
      "Seconds those tasks took together",
      s -> s.flushes().totalNanos() / 1e9),
  SUBSCRIPTIONS(
      Kind.GAUGE,
      "weir.subscriptions",
      "Streams of fetch and subscribe that are open",
      s -> s.subscriptions().count()),
  SUBSCRIPTIONS_CONFLATED(
      Kind.COUNTER,
      "weir.subscriptions.conflated.records",
      "Records passed over because a slow subscriber that conflates was given a newer one",
      s -> s.subscriptions().conflated()),
  SUBSCRIPTIONS_DEMAND(
      Kind.GAUGE,
      "weir.subscriptions.waiting.demand",
      "Subscriptions that have asked for nothing more",
      s -> s.subscriptions().waitingFor(WaitCause.DEMAND)),
  SUBSCRIPTION_SECONDS_DEMAND(
      Kind.COUNTER,
      "weir.subscriptions.waited.demand.seconds",
      "Seconds that subscriptions spent without demand, together",
      s -> s.subscriptions().nanos(WaitCause.DEMAND) / 1e9),
  SUBSCRIPTIONS_SOCKET(
      Kind.GAUGE,
      "weir.subscriptions.waiting.socket",
      "Subscriptions whose socket takes nothing more",
      s -> s.subscriptions().waitingFor(WaitCause.SOCKET)),
  SUBSCRIPTION_SECONDS_SOCKET(
      Kind.COUNTER,
      "weir.subscriptions.waited.socket.seconds",
      "Seconds that subscriptions waited for their sockets, together",
      s -> s.subscriptions().nanos(WaitCause.SOCKET) / 1e9),
  SUBSCRIPTIONS_DATA(
      Kind.GAUGE,
      "weir.subscriptions.waiting.data",
      "Subscriptions that have all there is",
      s -> s.subscriptions().waitingFor(WaitCause.DATA)),
  SUBSCRIPTION_SECONDS_DATA(
      Kind.COUNTER,
      "weir.subscriptions.waited.data.seconds",
      "Seconds that subscriptions waited for new records, together",
      s -> s.subscriptions().nanos(WaitCause.DATA) / 1e9),
  SUBSCRIPTIONS_DISK(
      Kind.GAUGE,
      "weir.subscriptions.waiting.disk",
      "Subscriptions that wait for the disk",
      s -> s.subscriptions().waitingFor(WaitCause.DISK)),
  SUBSCRIPTION_SECONDS_DISK(
      Kind.COUNTER,
      "weir.subscriptions.waited.disk.seconds",
      "Seconds that subscriptions waited for the disk, together",
      s -> s.subscriptions().nanos(WaitCause.DISK) / 1e9),
  SUBSCRIPTIONS_MEMORY(
      Kind.GAUGE,
      "weir.subscriptions.waiting.memory",
      "Subscriptions that wait for their share of memory",
      s -> s.subscriptions().waitingFor(WaitCause.MEMORY)),
  SUBSCRIPTION_SECONDS_MEMORY(
      Kind.COUNTER,
      "weir.subscriptions.waited.memory.seconds",
      "Seconds that subscriptions waited for memory, together",
      s -> s.subscriptions().nanos(WaitCause.MEMORY) / 1e9),
  CLEANINGS(
      Kind.COUNTER,
      "weir.cleaner.cleanings",
      "Compactions of a log that came to their end",
      s -> s.cleanings().cleanings()),
  CLEANER_READ(
      Kind.COUNTER,
      "weir.cleaner.read.bytes",
      "Bytes of log they have read, for the keys and for the copies",
      s -> s.cleanings().bytesRead()),
  CLEANER_WRITTEN(
      Kind.COUNTER,
      "weir.cleaner.written.bytes",
      "Bytes of new segments they have written",
      s -> s.cleanings().bytesWritten()),
  CLEANER_KEPT(
      Kind.COUNTER,
      "weir.cleaner.kept.bytes",
      "Bytes of segments they have looked through and left in the log",
      s -> s.cleanings().bytesKept()),
  CLEANER_REMOVED(
      Kind.COUNTER,
      "weir.cleaner.removed.bytes",
      "Bytes by which they have made logs smaller",
      s -> s.cleanings().bytesRemoved()),
  CLEANER_WAITED(
      Kind.COUNTER,
      "weir.cleaner.throttled.seconds",
      "Seconds that compaction has waited for its rate, log.cleaner.io.max.bytes.per.second",
      s -> s.cleanings().waitedSeconds()),
  CLEANER_FAILURES(
      Kind.COUNTER,
      "weir.cleaner.failures",
      "Compactions that failed; the broker's log says why",
      s -> s.cleanings().failures()),
  UNCLEANABLE(
      Kind.GAUGE,
      "weir.cleaner.uncleanable.partitions",
      "Partitions that are not compacted any more before a restart, because it failed",
      s -> s.cleanings().backlog().uncleanable()),
  SINCE_CLEANING(
      Kind.GAUGE,
      "weir.cleaner.idle.seconds",
      "Seconds since a compaction came to its end; NaN before the first one",
      s -> s.cleanings().secondsSinceNewest()),
  DIRTY_RATIO(
      Kind.GAUGE,
      "weir.cleaner.dirty.ratio",
      "Largest share of a partition that could be compacted and has not been, 0 to 1",
      s -> s.cleanings().backlog().dirtyRatio()),
  DIRTY_BYTES(
      Kind.GAUGE,
      "weir.cleaner.dirty.bytes",
      "Bytes of all partitions that could be compacted and have not been",
      s -> s.cleanings().backlog().dirtyBytes()),
  GROUPS(
      Kind.GAUGE,
      "weir.group.groups",
      "Consumer groups coordinated here, those without members among them",
      s -> s.groups().groups()),
  GROUP_MEMBERS(
      Kind.GAUGE,
      "weir.group.members",
      "Members of those groups, those within their grace among them",
      s -> s.groups().members()),
  GROUP_REBALANCES(
      Kind.COUNTER,
      "weir.group.rebalances",
      "Steps in which partitions were handed to members or ordered back",
      s -> s.groups().rebalances()),
  GROUP_COMMITS(
      Kind.COUNTER,
      "weir.group.commits",
      "Offsets stored, each partition of a commit counted",
      s -> s.groups().commits()),
  GROUP_REFUSED_COMMITS(
      Kind.COUNTER,
      "weir.group.refused.commits",
      "Offsets that were not stored, of partitions that were not the member's for instance",
      s -> s.groups().refusedCommits()),
  GROUP_BYTES(
      Kind.GAUGE,
      "weir.group.state.bytes",
      "Memory that those groups take, about",
      s -> s.groupBytes().getAsLong()),
  DIRECT_BYTES(
      Kind.GAUGE,
      "weir.memory.direct.bytes",
      "Direct memory held for network buffers, in use or pooled",
      s -> s.directBytes().getAsLong());

  enum Kind {
    COUNTER,
    GAUGE
  }

  final Kind kind;
  final String meterName;
  final String description;

  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  final ToDoubleFunction<MeterSources> value;

  Meters(Kind kind, String meterName, String description, ToDoubleFunction<MeterSources> value) {
    this.kind = kind;
    this.meterName = meterName;
    this.description = description;
    this.value = value;
  }
}
