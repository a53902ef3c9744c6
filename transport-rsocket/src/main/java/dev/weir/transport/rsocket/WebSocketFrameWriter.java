package dev.weir.transport.rsocket;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;

/**
 * RSocket over WebSocket: each frame is one binary message. File ranges do not come here, they were
 * copied.
 */
final class WebSocketFrameWriter implements FrameWriter {
  private final Channel channel;

  WebSocketFrameWriter(Channel channel) {
    this.channel = channel;
  }

  @Override
  public void write(QueuedFrame frame, Outcome outcome) {
    channel
        .write(new BinaryWebSocketFrame(frame.bytes()))
        .addListener(
            done -> {
              if (done.isSuccess()) {
                outcome.onWritten(frame.cost(), frame.memory());
              } else {
                outcome.onFailed(frame.cost(), frame.memory(), done.cause());
              }
            });
  }

  @Override
  public void flush(Outcome outcome) {
    channel.flush();
  }

  @Override
  public void abandon(Outcome outcome) {
    // Every frame went to the channel at once.
  }
}
