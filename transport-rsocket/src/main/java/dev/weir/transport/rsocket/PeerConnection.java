package dev.weir.transport.rsocket;

import java.net.SocketAddress;
import reactor.core.publisher.Mono;

/** What a server may know of one of its connections. Any thread. */
public interface PeerConnection {
  SocketAddress remoteAddress();

  /** The MIME type of data as the peer declared it, for example {@code application/json}. */
  String dataMimeType();

  /** Whether data is JSON, so that control routes answer in JSON too. */
  boolean isJson();

  /** Bytes that wait to be written to the socket. */
  long queuedBytes();

  /** Completes, never with an error, when the connection has ended for whatever reason. */
  Mono<Void> onClose();

  /** Ends the connection and tells the peer why. */
  void close(String reason);
}
