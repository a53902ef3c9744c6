package dev.weir.transport.rsocket;

/**
 * Puts frames on a channel. On the channel's event loop only; owned by one {@link FrameConnection}.
 */
interface FrameWriter {
  /** Told on the event loop what became of frames; must not throw. */
  interface Outcome {
    /** Frames of this cost, of which so much is memory, were written to the socket. */
    void onWritten(int cost, int memory);

    /** They were not written; the channel cannot be used any more. */
    void onFailed(int cost, int memory, Throwable cause);
  }

  /**
   * Takes over the frame; it leaves with the next {@link #flush}. When this throws, the frame is
   * still the caller's and no outcome is told for it.
   */
  void write(QueuedFrame frame, Outcome outcome);

  /** Sends what was written. Outcomes may come before this returns. */
  void flush(Outcome outcome);

  /** Lets go of what has not reached the channel yet; the channel is about to be closed. */
  void abandon(Outcome outcome);
}
