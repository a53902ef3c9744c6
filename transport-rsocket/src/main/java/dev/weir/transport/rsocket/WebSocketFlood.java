package dev.weir.transport.rsocket;

import dev.weir.core.time.Time;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a WebSocket's frames behind its decoder. Every ping is answered past the byte ledger, so
 * there may be few; a message in several frames would reach RSocket in pieces. On the channel's
 * event loop.
 */
final class WebSocketFlood extends ChannelInboundHandlerAdapter {
  static final int CONTROL_FRAMES_PER_SECOND = 100;
  private static final long SECOND = 1_000_000_000;

  /** Of a frame as clients send it: two bytes, a length of two or eight more, a mask. */
  private static final int HEADER_BYTES = 2;

  private static final int MASK_BYTES = 4;
  private static final int SHORT_LENGTH = 125;
  private static final int MEDIUM_LENGTH = 0xffff;

  private final Time time;
  private final WebSocketBytes bytes;
  private final Consumer<String> onRefused;
  private long second;
  private int inSecond;
  private boolean refused;

  /**
   * @param bytes is told what the decoder has made frames of
   * @param onRefused told once; nothing is delivered any more
   */
  WebSocketFlood(Time time, WebSocketBytes bytes, Consumer<String> onRefused) {
    this.time = time;
    this.bytes = bytes;
    this.onRefused = onRefused;
    this.second = time.nanos();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof WebSocketFrame frame) {
      bytes.onDecoded(sizeOnTheWire(frame.content().readableBytes()));
    }
    String reason = refused ? null : whyNot(message);
    if (reason != null) {
      refused = true;
      onRefused.accept(reason);
    }
    if (refused) {
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  private static int sizeOnTheWire(int content) {
    int length = content <= SHORT_LENGTH ? 0 : content <= MEDIUM_LENGTH ? 2 : 8;
    return HEADER_BYTES + length + MASK_BYTES + content;
  }

  private @Nullable String whyNot(Object message) {
    if (message instanceof PingWebSocketFrame || message instanceof PongWebSocketFrame) {
      return countControl();
    }
    boolean fragment =
        message instanceof ContinuationWebSocketFrame
            || (message instanceof WebSocketFrame frame && !frame.isFinalFragment());
    return fragment ? "a WebSocket message came in several frames: send each in one" : null;
  }

  private @Nullable String countControl() {
    long now = time.nanos();
    if (now - second >= SECOND) {
      second = now;
      inSecond = 0;
    }
    return ++inSecond > CONTROL_FRAMES_PER_SECOND
        ? "more than " + CONTROL_FRAMES_PER_SECOND + " pings and pongs came in a second"
        : null;
  }
}
