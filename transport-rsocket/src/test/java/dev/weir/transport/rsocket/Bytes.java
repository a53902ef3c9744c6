package dev.weir.transport.rsocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Bytes as tests like them. */
final class Bytes {
  private Bytes() {}

  static ByteBuffer of(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static ByteBuffer pattern(int size, int seed) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + seed);
    }
    return ByteBuffer.wrap(bytes);
  }

  static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  /** Reads the data as text and closes the message. */
  static String consume(InboundMessage message) {
    try (message) {
      return text(message.data());
    }
  }
}
