package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a WebSocket's decoder has been given and not made frames of: it gathers a frame in
 * memory until its last byte has come. Before the SETUP at most the limit and one read may come at
 * all; later, what is gathered is held as unfinished frames are. On the channel's event loop.
 */
final class WebSocketBytes extends ChannelInboundHandlerAdapter {
  /** The decoder's buffer grows by doubling. */
  private static final int BUFFER_FACTOR = 2;

  private final int limit;
  private final Consumer<String> onRefused;
  private PartialFrames memory;
  private PartialFrames.@Nullable Share share;
  private long seen;
  private long gathered;
  private boolean setUp;
  private boolean failed;

  /**
   * @param limit in bytes, with the WebSocket's own headers
   * @param onRefused told once; nothing is delivered any more
   */
  WebSocketBytes(int limit, PartialFrames memory, Consumer<String> onRefused) {
    this.limit = limit;
    this.memory = memory;
    this.onRefused = onRefused;
  }

  /** Goes in front of the WebSocket's decoder, and another handler behind it. */
  void guard(ChannelPipeline pipeline, WebSocketFlood behind) {
    ChannelHandlerContext decoder = pipeline.context(WebSocketFrameDecoder.class);
    if (decoder == null) {
      throw new IllegalStateException("no WebSocket was opened on " + pipeline.channel());
    }
    pipeline.addBefore(decoder.name(), "weir-websocket-bytes", this);
    pipeline.addAfter(decoder.name(), "weir-websocket-flood", behind);
  }

  /** The SETUP has come: no limit any more. */
  void setUp(PartialFrames moreMemory) {
    setUp = true;
    release();
    memory = moreMemory;
    share = null;
  }

  /** The decoder has made a frame of so many bytes. */
  void onDecoded(int bytes) {
    gathered = Math.max(0, gathered - bytes);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // A read may bring the SETUP and more behind it, so only what came before it counts.
    if (seen > limit && !setUp) {
      refuse(seen + " bytes came without a SETUP, the limit is " + limit);
    }
    if (failed) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof ByteBuf bytes) {
      seen += bytes.readableBytes();
      gathered += bytes.readableBytes();
    }
    ctx.fireChannelRead(message);
    hold(ctx);
  }

  private void hold(ChannelHandlerContext ctx) {
    if (gathered == 0) {
      release();
      return;
    }
    if (share == null) {
      share = memory.share(() -> ctx.executor().execute(this::onEvicted));
    }
    if (!share.tryHold((int) Math.min(Integer.MAX_VALUE, BUFFER_FACTOR * gathered))) {
      refuse("there is no memory for a frame beside those of others that have not ended");
    }
  }

  private void onEvicted() {
    if (share != null && share.isEvicted()) {
      refuse("a frame does not end and its memory is needed");
    }
  }

  private void refuse(String reason) {
    if (!failed) {
      failed = true;
      onRefused.accept(reason);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    release();
    super.channelInactive(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    release();
  }

  private void release() {
    if (share != null) {
      share.release();
    }
  }
}
