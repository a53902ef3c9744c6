package dev.weir.broker.route;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.InboundMessage;

/** Bounds requests that are read into objects, which take many times their bytes. */
public final class RequestSize {
  /** Of a request that starts a stream. */
  public static final int STREAM = 64 << 10;

  private RequestSize() {}

  /**
   * Checks metadata and data together; the message stays open.
   *
   * @throws WeirException MESSAGE_TOO_LARGE
   */
  public static void require(InboundMessage message, int mostBytes) {
    int bytes = message.sizeInBytes();
    if (bytes > mostBytes) {
      throw new WeirException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "a request for '%s' has %d bytes, the limit is %d"
              .formatted(message.route(), bytes, mostBytes));
    }
  }
}
