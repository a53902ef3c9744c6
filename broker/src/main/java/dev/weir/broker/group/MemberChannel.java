package dev.weir.broker.group;

import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupEvent;
import org.jspecify.annotations.Nullable;

/** The way to a member, as its shard sees it. Called in the shard's loop; must not block. */
interface MemberChannel {
  void send(GroupEvent event);

  /** A request of the member has been dealt with: it may send another. */
  void onProcessed();

  /**
   * Ends the channel. May be called again.
   *
   * @param reason null: it is completed
   */
  void end(@Nullable WeirException reason);
}
