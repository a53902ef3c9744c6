package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.route.Routes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Composite metadata (RSocket extensions {@code CompositeMetadata.md}, {@code Routing.md}): entries
 * of a MIME type (a well-known number, or a length and its name), 3 bytes of length and content.
 * Entries of other types are passed over.
 */
final class MetadataCodec {
  static final String COMPOSITE = "message/x.rsocket.composite-metadata.v0";
  static final String ROUTING = "message/x.rsocket.routing.v0";

  /** Of a request: room for a record's key and headers in Base64. */
  static final int MAX_REQUEST_BYTES = 2 << 20;

  private static final int WELL_KNOWN = 0x80;
  private static final byte ROUTING_ID = (byte) (WELL_KNOWN | 0x7E);
  private static final int LENGTH_BYTES = 3;
  private static final int MAX_ROUTE_BYTES = 255;
  private static final int MAX_ENTRY_BYTES = (1 << 24) - 1;
  private static final byte[] ROUTING_NAME = ascii(ROUTING);
  private static final byte[] HEADER_NAME = ascii(Routes.MIME_HEADER);
  private static final byte[] RECORD_NAME = ascii(Routes.MIME_RECORD);

  private MetadataCodec() {}

  /** What we read of a message's metadata. The buffers are views. */
  record Entries(String route, @Nullable ByteBuffer header, @Nullable ByteBuffer recordJson) {
    static final Entries NONE = new Entries("", null, null);
  }

  /** Bytes that {@link #encode} will write. */
  static int encodedSize(
      byte[] route, @Nullable ByteBuffer header, @Nullable ByteBuffer recordJson) {
    int size = route.length == 0 ? 0 : 1 + LENGTH_BYTES + 1 + route.length;
    size += entrySize(HEADER_NAME, header);
    return size + entrySize(RECORD_NAME, recordJson);
  }

  private static int entrySize(byte[] name, @Nullable ByteBuffer content) {
    return content == null ? 0 : 1 + name.length + LENGTH_BYTES + content.remaining();
  }

  static void encode(
      ByteBuf out, byte[] route, @Nullable ByteBuffer header, @Nullable ByteBuffer recordJson) {
    if (route.length > 0) {
      out.writeByte(ROUTING_ID).writeMedium(1 + route.length);
      out.writeByte(route.length).writeBytes(route);
    }
    writeEntry(out, HEADER_NAME, header);
    writeEntry(out, RECORD_NAME, recordJson);
  }

  private static void writeEntry(ByteBuf out, byte[] name, @Nullable ByteBuffer content) {
    if (content != null) {
      if (content.remaining() > MAX_ENTRY_BYTES) {
        throw new WeirException(
            ErrorCode.MESSAGE_TOO_LARGE,
            "a metadata entry of " + content.remaining() + " bytes does not fit 24 bits of length");
      }
      out.writeByte(name.length - 1).writeBytes(name).writeMedium(content.remaining());
      out.writeBytes(content.duplicate());
    }
  }

  static byte[] routeBytes(String route) {
    byte[] bytes = route.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_ROUTE_BYTES) {
      throw invalid(
          "a route has at most " + MAX_ROUTE_BYTES + " bytes, this one has " + bytes.length);
    }
    return bytes;
  }

  /**
   * Reads a message's metadata.
   *
   * @throws WeirException INVALID_REQUEST that names what is malformed
   */
  static Entries decode(ByteBuf metadata) {
    String route = "";
    ByteBuffer header = null;
    ByteBuffer recordJson = null;
    int at = metadata.readerIndex();
    int end = metadata.writerIndex();
    while (at < end) {
      int nameLength = metadata.getByte(at) < 0 ? 0 : metadata.getByte(at) + 1;
      int lengthAt = at + 1 + nameLength;
      if (lengthAt + LENGTH_BYTES > end) {
        throw malformed(at, end, "its MIME type is cut short");
      }
      int content = lengthAt + LENGTH_BYTES;
      int length = metadata.getUnsignedMedium(lengthAt);
      if (length > end - content) {
        throw malformed(
            at, end, "it claims " + length + " bytes, " + (end - content) + " are left");
      }
      if (isNamed(metadata, at, nameLength, HEADER_NAME)) {
        header = view(metadata, content, length);
      } else if (isNamed(metadata, at, nameLength, RECORD_NAME)) {
        recordJson = view(metadata, content, length);
      } else if (metadata.getByte(at) == ROUTING_ID
          || isNamed(metadata, at, nameLength, ROUTING_NAME)) {
        route = firstTag(metadata, content, length);
      }
      at = content + length;
    }
    return new Entries(route, header, recordJson);
  }

  /** Reads metadata of a connection whose metadata is routing alone. */
  static Entries decodeRouting(ByteBuf metadata) {
    return new Entries(
        firstTag(metadata, metadata.readerIndex(), metadata.readableBytes()), null, null);
  }

  private static String firstTag(ByteBuf metadata, int at, int length) {
    if (length == 0) {
      return "";
    }
    int tag = metadata.getUnsignedByte(at);
    if (tag > length - 1) {
      throw invalid("the routing metadata is malformed: a tag of " + tag + " bytes in " + length);
    }
    return metadata.toString(at + 1, tag, StandardCharsets.UTF_8);
  }

  private static boolean isNamed(ByteBuf metadata, int at, int nameLength, byte[] name) {
    if (nameLength != name.length) {
      return false;
    }
    // From the end: the names differ there.
    for (int i = name.length - 1; i >= 0; i--) {
      if (metadata.getByte(at + 1 + i) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private static ByteBuffer view(ByteBuf buffer, int at, int length) {
    return length == 0 ? PayloadMessage.NO_BYTES : buffer.nioBuffer(at, length).asReadOnlyBuffer();
  }

  private static WeirException malformed(int at, int end, String what) {
    return invalid(
        "the composite metadata of "
            + end
            + " bytes is malformed: entry at byte "
            + at
            + ", "
            + what);
  }

  private static WeirException invalid(String message) {
    return new WeirException(ErrorCode.INVALID_REQUEST, message);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
