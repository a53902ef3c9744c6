package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message to be sent. Buffers are copied when the transport receives the message (when {@code
 * onNext} or the call that took it returns), so their owner may use them again then; positions are
 * left alone.
 *
 * <p>A range is different: its ownership passes to the transport together with the message, and the
 * transport releases it exactly once, when the bytes are written and also when they never will be.
 * Whoever drops a message before the transport has it calls {@link #discard()} (queueing operators:
 * {@code doOnDiscard(OutboundMessage.class, OutboundMessage::discard)}).
 */
public final class OutboundMessage {
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final @Nullable ByteBuffer header;
  private final @Nullable ByteBuffer recordJson;
  private final @Nullable ByteBuffer data;
  private final @Nullable FileRange range;

  private OutboundMessage(
      @Nullable ByteBuffer header,
      @Nullable ByteBuffer recordJson,
      @Nullable ByteBuffer data,
      @Nullable FileRange range) {
    this.header = header;
    this.recordJson = recordJson;
    this.data = data;
    this.range = range;
  }

  /** Data alone. */
  public static OutboundMessage of(ByteBuffer data) {
    return of(null, data);
  }

  /** Data with the protobuf header that describes it. */
  public static OutboundMessage of(@Nullable ByteBuffer header, ByteBuffer data) {
    return new OutboundMessage(header, null, Objects.requireNonNull(data), null);
  }

  /** A header without data. */
  public static OutboundMessage ofHeader(ByteBuffer header) {
    return new OutboundMessage(Objects.requireNonNull(header), null, NO_BYTES, null);
  }

  /** Data that is a range of a file, sent without copying where the connection allows it. */
  public static OutboundMessage ofRange(@Nullable ByteBuffer header, FileRange range) {
    return new OutboundMessage(header, null, null, Objects.requireNonNull(range));
  }

  /** One record's value with its coordinates. */
  public static OutboundMessage ofRecord(ByteBuffer recordJson, ByteBuffer value) {
    return new OutboundMessage(
        null, Objects.requireNonNull(recordJson), Objects.requireNonNull(value), null);
  }

  /** Releases the range, if there is one, of a message that the transport never received. */
  public void discard() {
    if (range != null) {
      range.release();
    }
  }

  @Nullable ByteBuffer header() {
    return header;
  }

  @Nullable ByteBuffer recordJson() {
    return recordJson;
  }

  /** Null exactly when there is a range. */
  @Nullable ByteBuffer data() {
    return data;
  }

  @Nullable FileRange range() {
    return range;
  }
}
