package dev.weir.transport.rsocket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/**
 * Counts an HTTP connection as a stranger until it is a WebSocket or closed; closes it at once when
 * there are too many. On the channel's event loop.
 */
final class StrangerDoor extends ChannelInboundHandlerAdapter {
  private final Strangers strangers;
  private final TransportCounters counters;
  private Strangers.@Nullable Stranger stranger;

  StrangerDoor(Strangers strangers, TransportCounters counters) {
    this.strangers = strangers;
    this.counters = counters;
  }

  /** The connection of this pipeline is counted elsewhere from now on. */
  static void leave(ChannelPipeline pipeline) {
    StrangerDoor door = pipeline.get(StrangerDoor.class);
    if (door != null) {
      pipeline.remove(door);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    stranger = strangers.admit(ctx.channel().remoteAddress());
    if (stranger == null) {
      counters.strangers.increment();
      var unused = ctx.close();
      return;
    }
    ctx.fireChannelActive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (stranger != null) {
      stranger.leave();
    }
  }
}
