package dev.weir.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The serializers and deserializers that come with the client. All are without state. */
public final class Serializers {
  private static final Serializer<byte[]> BYTES = (topic, value) -> value;
  private static final Serializer<String> STRING =
      (topic, value) -> value.getBytes(StandardCharsets.UTF_8);
  private static final Serializer<ByteBuffer> BUFFER = (topic, value) -> remainingOf(value);

  private static final Deserializer<byte[]> TO_BYTES = (topic, bytes) -> remainingOf(bytes);
  private static final Deserializer<String> TO_STRING =
      (topic, bytes) -> StandardCharsets.UTF_8.decode(bytes).toString();
  private static final Deserializer<ByteBuffer> TO_BUFFER =
      (topic, bytes) -> ByteBuffer.wrap(remainingOf(bytes)).asReadOnlyBuffer();

  private Serializers() {}

  /** Bytes as they are, not copied before the record is sent. */
  public static Serializer<byte[]> bytes() {
    return BYTES;
  }

  /** UTF-8. */
  public static Serializer<String> string() {
    return STRING;
  }

  /** The remaining bytes; the buffer's position stays. */
  public static Serializer<ByteBuffer> byteBuffer() {
    return BUFFER;
  }

  /** A copy of the bytes. */
  public static Deserializer<byte[]> toBytes() {
    return TO_BYTES;
  }

  /** UTF-8; malformed bytes become U+FFFD. */
  public static Deserializer<String> toStrings() {
    return TO_STRING;
  }

  /** A copy, read-only. */
  public static Deserializer<ByteBuffer> toByteBuffer() {
    return TO_BUFFER;
  }

  private static byte[] remainingOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }
}
