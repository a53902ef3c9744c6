package dev.weir.broker.group.state;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.GroupEvent;
import org.jspecify.annotations.Nullable;

/** What a member's channel is told once the records that led to it are durable. */
public sealed interface Effect {
  /** Which channel; numbers are the shard's own and never used twice. */
  long channel();

  /** An event for the member. */
  record Send(long channel, GroupEvent event) implements Effect {}

  /**
   * The end of the channel.
   *
   * @param code null: completed, the member has left
   */
  record End(long channel, @Nullable ErrorCode code, String message) implements Effect {}
}
