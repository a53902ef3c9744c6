package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;

/**
 * Puts frames on a channel. On the channel's event loop only; owned by one {@link FrameConnection}.
 */
interface FrameWriter {
  /** Told on the event loop what became of frames; must not throw. */
  interface Outcome {
    /** Frames of this cost were written to the socket. */
    void onWritten(int cost);

    /** Frames of this cost were not written; the channel cannot be used any more. */
    void onFailed(int cost, Throwable cause);
  }

  /**
   * Takes over the frame; it leaves with the next {@link #flush}. When this throws, the frame is
   * still the caller's and no outcome is told for it.
   */
  void write(ByteBuf frame, int cost, Outcome outcome);

  /** Sends what was written. Outcomes may come before this returns. */
  void flush(Outcome outcome);

  /** Lets go of what has not reached the channel yet; the channel is about to be closed. */
  void abandon(Outcome outcome);
}
