package dev.weir.transport.rsocket;

import dev.weir.core.route.Routes;
import java.net.SocketAddress;
import reactor.core.publisher.Mono;

/** A connection whose SETUP has come. */
final class AcceptedConnection implements PeerConnection {
  private final FrameConnection frames;
  private final String dataMimeType;

  AcceptedConnection(FrameConnection frames, String dataMimeType) {
    this.frames = frames;
    this.dataMimeType = dataMimeType;
  }

  @Override
  public SocketAddress remoteAddress() {
    return frames.remoteAddress();
  }

  @Override
  public String dataMimeType() {
    return dataMimeType;
  }

  @Override
  public boolean isJson() {
    return Routes.MIME_JSON.equals(dataMimeType);
  }

  @Override
  public long queuedBytes() {
    return frames.ledger().queued();
  }

  @Override
  public Mono<Void> onClose() {
    return frames.onClose();
  }

  @Override
  public void close(String reason) {
    frames.closeBecause(reason);
  }

  @Override
  public String toString() {
    return frames.toString();
  }
}
