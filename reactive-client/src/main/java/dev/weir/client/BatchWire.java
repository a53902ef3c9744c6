package dev.weir.client;

import java.nio.ByteBuffer;

/** How batches reach one broker. Used by the producer's loop only. */
interface BatchWire {
  /** What comes back, on any thread. */
  interface Listener {
    /** One batch is answered; {@code error} is an error code's number, 0 for none. */
    void onAnswer(long correlationId, int error, String message, long baseOffset);

    /** The wire may have room again. */
    void onRoom();

    /**
     * The broker has ended the wire in order: it wants another to be used. What is unanswered stays
     * so.
     */
    void onRotated();

    /**
     * The wire has ended; what is unanswered stays so. At least once, also after {@link #close}.
     */
    void onLost(Throwable reason);
  }

  /** Whether the broker has asked for one more batch. */
  boolean hasRoom();

  /**
   * Whether {@link Listener#onRoom} is never called, so that the loop has to look again by itself.
   */
  boolean mustBePolled();

  /** Sends a batch; only when there is room. The buffer may be used again when this returns. */
  void send(long correlationId, ByteBuffer header, ByteBuffer batch);

  /** Ends the wire orderly. */
  void close();

  /** Gives up the connection beneath, which does not answer. */
  void giveUp();
}
