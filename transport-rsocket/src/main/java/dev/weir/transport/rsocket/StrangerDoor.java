package dev.weir.transport.rsocket;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts an HTTP connection as a stranger until it is a WebSocket or closed; closes it at once when
 * there are too many, and when its peer has asked nothing that could be answered for too long,
 * however many bytes it sends meanwhile. On the channel's event loop.
 */
final class StrangerDoor extends ChannelDuplexHandler {
  /** From the start of a connection to the first answer. */
  static final int FIRST_ANSWER_MILLIS = 5_000;

  /** From one answer to the next: longer than a quiet connection is kept. */
  static final int NEXT_ANSWER_MILLIS = 90_000;

  private final Strangers strangers;
  private final TransportCounters counters;
  private Strangers.@Nullable Stranger stranger;
  private @Nullable Future<?> deadline;

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
      refuse(ctx);
      return;
    }
    await(ctx, FIRST_ANSWER_MILLIS);
    ctx.fireChannelActive();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    await(ctx, NEXT_ANSWER_MILLIS);
    var unused = ctx.write(message, promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    cancelDeadline();
    if (stranger != null) {
      stranger.leave();
    }
  }

  private void await(ChannelHandlerContext ctx, int millis) {
    cancelDeadline();
    deadline = ctx.executor().schedule(() -> refuse(ctx), millis, TimeUnit.MILLISECONDS);
  }

  private void cancelDeadline() {
    Future<?> pending = deadline;
    if (pending != null) {
      pending.cancel(false);
      deadline = null;
    }
  }

  private void refuse(ChannelHandlerContext ctx) {
    counters.strangers.increment();
    var unused = ctx.close();
  }
}
