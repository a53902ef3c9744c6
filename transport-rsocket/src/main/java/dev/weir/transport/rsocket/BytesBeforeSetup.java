package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;

/**
 * Limits what a WebSocket may send before its SETUP has come. The decoder behind it gathers a frame
 * as large as any later one may be; this one counts what goes in, so at most the limit and one read
 * are gathered for a stranger. On the channel's event loop.
 */
final class BytesBeforeSetup extends ChannelInboundHandlerAdapter {
  private final int limit;
  private final Consumer<String> onTooLarge;
  private long seen;
  private boolean setUp;
  private boolean failed;

  /**
   * @param limit in bytes, with the WebSocket's own headers
   * @param onTooLarge told once; nothing is delivered any more
   */
  BytesBeforeSetup(int limit, Consumer<String> onTooLarge) {
    this.limit = limit;
    this.onTooLarge = onTooLarge;
  }

  /** Goes in front of the WebSocket's decoder. */
  void guard(ChannelPipeline pipeline) {
    ChannelHandlerContext decoder = pipeline.context(WebSocketFrameDecoder.class);
    if (decoder == null) {
      throw new IllegalStateException("no WebSocket was opened on " + pipeline.channel());
    }
    pipeline.addBefore(decoder.name(), "weir-before-setup", this);
  }

  /** The SETUP has come: no limit any more. */
  void setUp() {
    setUp = true;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (setUp) {
      ctx.pipeline().remove(this);
      ctx.fireChannelRead(message);
      return;
    }
    // A read may bring the SETUP and more behind it, so only what came before it counts.
    if (seen > limit && !failed) {
      failed = true;
      onTooLarge.accept(seen + " bytes came without a SETUP, the limit is " + limit);
    }
    if (failed) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof ByteBuf bytes) {
      seen += bytes.readableBytes();
    }
    ctx.fireChannelRead(message);
  }
}
