package dev.weir.transport.rsocket;

import dev.weir.core.route.Routes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message that came in. It has one owner, who calls {@link #close()}; until then the buffers are
 * valid, afterwards they are not to be touched. Not for concurrent use; may be handed from thread
 * to thread.
 *
 * <p>Operators that keep messages in a queue drop them on cancellation: put {@code
 * doOnDiscard(InboundMessage.class, InboundMessage::close)} behind them.
 */
public interface InboundMessage extends AutoCloseable {
  /** The routing tag; empty on the later messages of a channel and on answers. */
  String route();

  /** The entry {@link Routes#MIME_HEADER} of the metadata, read-only, or null. */
  @Nullable ByteBuffer header();

  /** The entry {@link Routes#MIME_RECORD} of the metadata, read-only, or null. */
  @Nullable ByteBuffer recordJson();

  /** The data, read-only; a new view on every call. Usually direct memory. */
  ByteBuffer data();

  /** Bytes of metadata and data: what keeping the message holds, up to twice as much in memory. */
  int sizeInBytes();

  /** Gives the bytes back. The second and later calls do nothing. */
  @Override
  void close();
}
