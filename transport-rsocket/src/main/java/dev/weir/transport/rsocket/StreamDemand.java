package dev.weir.transport.rsocket;

import reactor.core.CoreSubscriber;

/**
 * What stands between a handler's stream and its peer, as far as {@code request(n)} does not tell:
 * the transport passes demand on in portions, and only while the connection has room. In the
 * context of the subscriber of a handler's answer. Any thread.
 */
public interface StreamDemand {
  /** Whether the peer asked for everything (n = 2^31 - 1) rather than for a number of messages. */
  boolean isUnbounded();

  /** Whether the peer asked for messages that the handler has not been asked for yet. */
  boolean isHeldBack();

  /**
   * Whether a message given now would leave for the socket rather than wait in memory. A handler
   * whose messages hold memory asks before each.
   */
  boolean hasRoom();

  /** Runs the action once when there is room, perhaps before this returns; it must not block. */
  void awaitRoom(Runnable action);

  /** Whether something of this stream waits for the socket to take what is queued before it. */
  boolean awaitsSocket();

  /** Whether a message of this stream is being read from the disk. */
  boolean awaitsDisk();

  /**
   * The demand behind this subscriber; one that holds nothing back where nothing is known of it.
   */
  static StreamDemand of(CoreSubscriber<?> subscriber) {
    StreamDemand demand =
        subscriber.currentContext().getOrDefault(StreamDemand.class, Unknown.INSTANCE);
    return demand == null ? Unknown.INSTANCE : demand;
  }

  /** Of a subscriber that is not a peer behind a connection. */
  enum Unknown implements StreamDemand {
    INSTANCE;

    @Override
    public boolean isUnbounded() {
      return false;
    }

    @Override
    public boolean isHeldBack() {
      return false;
    }

    @Override
    public boolean hasRoom() {
      return true;
    }

    @Override
    public void awaitRoom(Runnable action) {
      action.run();
    }

    @Override
    public boolean awaitsSocket() {
      return false;
    }

    @Override
    public boolean awaitsDisk() {
      return false;
    }
  }
}
