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
    return isJson(dataMimeType);
  }

  /** Parameters such as {@code charset=utf-8} and upper case make no difference. */
  static boolean isJson(String mimeType) {
    int parameters = mimeType.indexOf(';');
    String type = parameters < 0 ? mimeType : mimeType.substring(0, parameters);
    return Routes.MIME_JSON.equalsIgnoreCase(type.strip());
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
