package dev.weir.client;

import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupRequest;
import org.jspecify.annotations.Nullable;

/** One attempt to talk to a group's coordinator, from finding it to the end of the channel. */
interface GroupWire {
  /** What comes back; any thread, in order. */
  interface Listener {
    void onEvent(GroupWire wire, GroupEvent event);

    /**
     * Nothing more comes. At least once, also after {@link #close}.
     *
     * @param reason null when the coordinator ended the channel in order
     */
    void onEnd(GroupWire wire, @Nullable Throwable reason);
  }

  /** Opens wires. */
  interface Opener {
    GroupWire open(String group, Listener listener);
  }

  /** Sends a request, or keeps it until the coordinator takes it; drops it after the end. */
  void send(GroupRequest request);

  /** Whether a request waits for the coordinator to take it. */
  boolean isBehind();

  /** Ends the channel. */
  void close();
}
