package dev.weir.broker.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.weir.broker.route.RequestSize;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Messages of control routes: protobuf, or its JSON form when the connection's data is JSON. */
public final class ControlMessages {
  /** As text and as objects a request takes many times its bytes. */
  static final int MAX_REQUEST_BYTES = 1 << 20;

  private ControlMessages() {}

  /**
   * Reads the message's data; the message stays open.
   *
   * @throws WeirException INVALID_REQUEST saying what cannot be read; MESSAGE_TOO_LARGE
   */
  public static void read(InboundMessage message, boolean json, Message.Builder into) {
    RequestSize.require(message, MAX_REQUEST_BYTES);
    try {
      if (json) {
        Json.read(StandardCharsets.UTF_8.decode(message.data()).toString(), into);
      } else {
        into.mergeFrom(ByteString.copyFrom(message.data()));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "the data of '%s' is no %s: %s"
              .formatted(message.route(), into.getDescriptorForType().getName(), e.getMessage()),
          e);
    }
  }

  /** An answer as it is sent. */
  public static OutboundMessage write(Message answer, boolean json) {
    return OutboundMessage.of(ByteBuffer.wrap(json ? Json.write(answer) : answer.toByteArray()));
  }

  /** Of its own so that its classes are loaded by the first connection that needs them. */
  private static final class Json {
    private static final JsonFormat.Parser PARSER = JsonFormat.parser();
    private static final JsonFormat.Printer PRINTER =
        JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();

    static void read(String text, Message.Builder into) throws InvalidProtocolBufferException {
      if (!text.isBlank()) {
        PARSER.merge(text, into);
      }
    }

    static byte[] write(Message answer) {
      try {
        return PRINTER.print(answer).getBytes(StandardCharsets.UTF_8);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e); // only for messages with unknown Any types
      }
    }
  }
}
