package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.buffer.ByteBuf;
import io.rsocket.Payload;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A message over the payload RSocket decoded without copying; owns the payload. */
final class PayloadMessage implements InboundMessage {
  static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Payload payload;
  private final MetadataCodec.Entries entries;
  private boolean closed;

  private PayloadMessage(Payload payload, MetadataCodec.Entries entries) {
    this.payload = payload;
    this.entries = entries;
  }

  /**
   * Of a peer that is not trusted; takes over the payload, also when it throws.
   *
   * @throws WeirException MESSAGE_TOO_LARGE or INVALID_REQUEST: the metadata is too large or
   *     malformed
   */
  static PayloadMessage ofRequest(Payload payload, MetadataFormat format) {
    int metadata = payload.hasMetadata() ? payload.metadata().readableBytes() : 0;
    if (metadata > MetadataCodec.MAX_REQUEST_BYTES) {
      payload.release();
      throw new WeirException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "the metadata has "
              + metadata
              + " bytes, the limit is "
              + MetadataCodec.MAX_REQUEST_BYTES);
    }
    return of(payload, format);
  }

  /**
   * Takes over the payload, also when it throws.
   *
   * @throws WeirException INVALID_REQUEST: the metadata is malformed
   */
  static PayloadMessage of(Payload payload, MetadataFormat format) {
    try {
      return new PayloadMessage(
          payload,
          payload.hasMetadata() ? format.decode(payload.metadata()) : MetadataCodec.Entries.NONE);
    } catch (RuntimeException e) {
      payload.release();
      throw e instanceof WeirException
          ? e
          : new WeirException(ErrorCode.INVALID_REQUEST, "the metadata is malformed", e);
    }
  }

  @Override
  public String route() {
    return entries.route();
  }

  @Override
  public @Nullable ByteBuffer header() {
    return entries.header();
  }

  @Override
  public @Nullable ByteBuffer recordJson() {
    return entries.recordJson();
  }

  @Override
  public ByteBuffer data() {
    if (closed) {
      throw new IllegalStateException("the message is closed");
    }
    ByteBuf data = payload.data();
    return data.isReadable() ? data.nioBuffer().asReadOnlyBuffer() : NO_BYTES;
  }

  @Override
  public int sizeInBytes() {
    if (closed) {
      throw new IllegalStateException("the message is closed");
    }
    int metadata = payload.hasMetadata() ? payload.metadata().readableBytes() : 0;
    return metadata + payload.data().readableBytes();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      payload.release();
    }
  }
}
