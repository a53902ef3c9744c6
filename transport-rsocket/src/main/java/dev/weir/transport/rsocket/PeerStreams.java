package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.rsocket.frame.FrameHeaderCodec;
import io.rsocket.frame.FrameType;

/**
 * The streams a peer has open with a server, and whether its frames belong to them. A stream is
 * open from its request until the peer cancels it or its last frame leaves for the socket, so the
 * answers a peer does not read count too. In the channel's event loop.
 *
 * <p>Frames may cross: those of streams that have ended are tolerated in proportion to the streams
 * that did, those of streams that never began are not worth many.
 *
 * <p>A stream that the peer gives up leaves work behind: what its handler had begun is called off
 * on other threads. So that a peer that opens and cancels cannot pile up such work, its place stays
 * taken for a while, from one to two calls of {@link #onTick}.
 */
final class PeerStreams {
  /** Frames of streams that never began. */
  static final int MOST_STRAYS = 100;

  /** Frames that may come after the end of each stream, and for nothing. */
  static final int LATE_PER_STREAM = 64;

  static final int LATE_FOR_NOTHING = 1000;

  /** Behind the frame's header. */
  private static final int REQUEST_N_OFFSET = 6;

  private final IntObjectMap<Stage> open = new IntObjectHashMap<>();
  private final int most;
  private final StreamBudget all;
  private int cooling;
  private int coolingSinceLastTick;
  private int highest;
  private int strays;
  private long ended;
  private long late;
  private String reason = "";
  private boolean closed;

  /** What of a stream is still open. */
  private enum Stage {
    /** The peer asks, the server answers. */
    ANSWERS,
    BOTH_WAYS,
    /** Of a channel, the server's part has ended. */
    INPUT_ONLY,
    /** Of a channel, the peer's part has ended. */
    OUTPUT_ONLY;

    boolean takesInput() {
      return this == BOTH_WAYS || this == INPUT_ONLY;
    }
  }

  /** What is to be done with a frame. */
  enum Verdict {
    PASS,
    DROP,
    /** The request is answered with an error that says why. */
    REJECT,
    /** The connection ends and its peer is told why. */
    CLOSE
  }

  /**
   * @param most streams this connection may have open
   * @param all bounds those of all connections
   */
  PeerStreams(int most, StreamBudget all) {
    this.most = most;
    this.all = all;
  }

  int openNow() {
    return open.size();
  }

  /** Why the last frame was rejected or the connection has to end. */
  String reason() {
    return reason;
  }

  /** A frame of a stream came. */
  Verdict onFrame(FrameType type, ByteBuf frame) {
    int streamId = FrameHeaderCodec.streamId(frame);
    return switch (type) {
      case REQUEST_FNF -> onFireAndForget(streamId);
      case REQUEST_RESPONSE -> onRequest(streamId, Stage.ANSWERS);
      case REQUEST_STREAM ->
          asksForSome(streamId, frame) ? onRequest(streamId, Stage.ANSWERS) : Verdict.CLOSE;
      case REQUEST_CHANNEL ->
          asksForSome(streamId, frame)
              ? onRequest(
                  streamId,
                  FrameHeaderCodec.hasComplete(frame) ? Stage.OUTPUT_ONLY : Stage.BOTH_WAYS)
              : Verdict.CLOSE;
      case REQUEST_N -> asksForSome(streamId, frame) ? onLater(streamId, type) : Verdict.CLOSE;
      default -> onLater(streamId, type);
    };
  }

  private Verdict onFireAndForget(int streamId) {
    if (!isPeers(streamId)) {
      return close("stream " + streamId + " cannot be opened by a client");
    }
    highest = Math.max(highest, streamId);
    ended++;
    return Verdict.PASS;
  }

  private Verdict onRequest(int streamId, Stage stage) {
    if (!isPeers(streamId)) {
      return close("stream " + streamId + " cannot be opened by a client");
    }
    if (open.containsKey(streamId)) {
      return close("stream " + streamId + " was opened twice");
    }
    highest = Math.max(highest, streamId);
    if (open.size() + cooling >= most) {
      return reject(
          "this connection has " + most + " streams open or just cancelled, the most it may");
    }
    if (!all.tryOpen()) {
      return reject(
          "the broker has " + all.most() + " streams open or just cancelled, the most it may");
    }
    open.put(streamId, stage);
    return Verdict.PASS;
  }

  private Verdict onLater(int streamId, FrameType type) {
    Stage stage = open.get(streamId);
    if (stage == null) {
      return onUnknown(streamId);
    }
    switch (type) {
      case REQUEST_N -> {}
      case CANCEL, ERROR -> cool(streamId);
      case NEXT, NEXT_COMPLETE, COMPLETE -> {
        if (!stage.takesInput()) {
          return stray("a " + type + " frame came for stream " + streamId + ", which takes none");
        }
        if (type != FrameType.NEXT) {
          endHalf(streamId, stage == Stage.INPUT_ONLY, Stage.OUTPUT_ONLY);
        }
      }
      default -> {
        return stray("a " + type + " frame came for stream " + streamId);
      }
    }
    return Verdict.PASS;
  }

  private Verdict onUnknown(int streamId) {
    if (!isPeers(streamId) || streamId > highest) {
      return stray("frames came for streams that were never opened, such as " + streamId);
    }
    if (++late > LATE_FOR_NOTHING + LATE_PER_STREAM * ended) {
      return close(late + " frames came for streams that had ended");
    }
    return Verdict.DROP;
  }

  private Verdict stray(String what) {
    return ++strays > MOST_STRAYS ? close(strays + " times: " + what) : Verdict.DROP;
  }

  private Verdict reject(String why) {
    ended++;
    reason = why;
    return Verdict.REJECT;
  }

  private Verdict close(String why) {
    reason = why;
    return Verdict.CLOSE;
  }

  private boolean asksForSome(int streamId, ByteBuf frame) {
    int n = frame.getInt(frame.readerIndex() + REQUEST_N_OFFSET);
    if (n <= 0) {
      reason = "stream " + streamId + " asks for " + n + ", expected 1 to " + Integer.MAX_VALUE;
    }
    return n > 0;
  }

  /** A client's streams have odd numbers. */
  private static boolean isPeers(int streamId) {
    return (streamId & 1) == 1;
  }

  /** A frame leaves for the socket. */
  void onWrite(int streamId, ByteBuf frame) {
    Stage stage = streamId == 0 ? null : open.get(streamId);
    if (stage == null) {
      return;
    }
    switch (FrameHeaderCodec.frameType(frame)) {
      case ERROR -> end(streamId);
      case NEXT_COMPLETE, COMPLETE -> endHalf(streamId, stage != Stage.BOTH_WAYS, Stage.INPUT_ONLY);
      case CANCEL -> endHalf(streamId, stage == Stage.INPUT_ONLY, Stage.OUTPUT_ONLY);
      default -> {}
    }
  }

  private void endHalf(int streamId, boolean wasTheLast, Stage left) {
    if (wasTheLast) {
      end(streamId);
    } else {
      open.put(streamId, left);
    }
  }

  private void end(int streamId) {
    if (open.remove(streamId) != null) {
      ended++;
      if (!closed) {
        all.close(1);
      }
    }
  }

  private void cool(int streamId) {
    if (open.remove(streamId) != null) {
      ended++;
      cooling++;
      coolingSinceLastTick++;
    }
  }

  /** Some time has passed: what was cancelled before the last tick makes room. */
  void onTick() {
    if (!closed) {
      int cooled = cooling - coolingSinceLastTick;
      cooling = coolingSinceLastTick;
      coolingSinceLastTick = 0;
      all.close(cooled);
    }
  }

  /** The connection has closed. What it had open makes room with {@link #onClosedForAWhile}. */
  void onClosed() {
    if (!closed) {
      closed = true;
      cooling += open.size();
      open.clear();
    }
  }

  /** The connection closed a while ago. */
  void onClosedForAWhile() {
    onClosed();
    all.close(cooling);
    cooling = 0;
  }
}
