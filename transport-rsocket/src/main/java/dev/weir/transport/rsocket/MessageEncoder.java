package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.rsocket.Payload;
import io.rsocket.util.ByteBufPayload;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Makes RSocket payloads of messages. Any thread. */
final class MessageEncoder {
  private static final byte[] NO_ROUTE = {};

  /**
   * Smaller buffers are cheaper on the heap: they are copied once more when they are gathered for
   * the socket.
   */
  private static final int HEAP_BYTES = 4 * 1024;

  /** Room for the frame's own header. */
  private static final int FRAME_HEADER_BYTES = 64;

  private final ByteBufAllocator allocator;
  private final MetadataFormat format;
  private final int maxFrameBytes;

  /**
   * Goes with the next message only; written and read where one stream's messages are encoded, in
   * order.
   */
  private byte[] nextRoute = NO_ROUTE;

  MessageEncoder(ByteBufAllocator allocator, MetadataFormat format, int maxFrameBytes) {
    this.allocator = allocator;
    this.format = format;
    this.maxFrameBytes = maxFrameBytes;
  }

  /** An encoder for one stream, whose first message carries the route. */
  MessageEncoder withRouteOnFirst(byte[] route) {
    MessageEncoder routed = new MessageEncoder(allocator, format, maxFrameBytes);
    routed.nextRoute = route;
    return routed;
  }

  private byte[] takeRoute() {
    byte[] route = nextRoute;
    if (route.length > 0) {
      nextRoute = NO_ROUTE;
    }
    return route;
  }

  /** Without a route; a range stays a range. Takes over the range, also when it throws. */
  Payload encode(OutboundMessage message) {
    return encode(takeRoute(), message);
  }

  /** With a route; see {@link MetadataCodec#routeBytes}. */
  Payload encode(byte[] route, OutboundMessage message) {
    FileRange range = message.range();
    if (range != null) {
      return encode(route, message, new RangeByteBuf(range));
    }
    return encode(route, message, copy(message.data()));
  }

  /**
   * With these bytes in the place of the message's range. Takes over the bytes, also when it
   * throws.
   */
  Payload encode(OutboundMessage message, ByteBuf data) {
    return encode(takeRoute(), message, data);
  }

  private Payload encode(byte[] route, OutboundMessage message, ByteBuf data) {
    try {
      return ByteBufPayload.create(data, metadata(route, message, data.readableBytes()));
    } catch (RuntimeException | Error e) {
      data.release();
      throw e;
    }
  }

  private @Nullable ByteBuf metadata(byte[] route, OutboundMessage message, int dataBytes) {
    ByteBuffer header = format == MetadataFormat.COMPOSITE ? message.header() : null;
    ByteBuffer record = format == MetadataFormat.COMPOSITE ? message.recordJson() : null;
    int size = MetadataCodec.encodedSize(route, header, record);
    long total = (long) size + dataBytes + FRAME_HEADER_BYTES;
    if (total > maxFrameBytes) {
      throw new WeirException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "a message of "
              + dataBytes
              + " bytes of data and "
              + size
              + " of metadata does not fit"
              + " a frame of "
              + maxFrameBytes);
    }
    if (size == 0) {
      return null;
    }
    ByteBuf metadata = buffer(size);
    try {
      MetadataCodec.encode(metadata, route, header, record);
      return metadata;
    } catch (RuntimeException | Error e) {
      metadata.release();
      throw e;
    }
  }

  private ByteBuf copy(@Nullable ByteBuffer bytes) {
    if (bytes == null || !bytes.hasRemaining()) {
      return Unpooled.EMPTY_BUFFER;
    }
    return buffer(bytes.remaining()).writeBytes(bytes.duplicate());
  }

  private ByteBuf buffer(int size) {
    return size <= HEAP_BYTES ? Unpooled.buffer(size, size) : allocator.directBuffer(size, size);
  }
}
