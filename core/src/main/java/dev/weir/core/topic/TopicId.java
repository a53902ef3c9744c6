package dev.weir.core.topic;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A topic's identity. A topic that is deleted and created again under the same name has another id,
 * so nothing that was meant for the old one can reach the new one.
 */
public record TopicId(long mostSignificantBits, long leastSignificantBits) {
  public static final int BYTES = 16;

  public static TopicId of(UUID uuid) {
    return new TopicId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
  }

  /** Reads 16 bytes, big-endian. */
  public static TopicId of(ByteBuffer bytes) {
    if (bytes.remaining() != BYTES) {
      throw new IllegalArgumentException("a topic id has 16 bytes, not " + bytes.remaining());
    }
    return new TopicId(bytes.getLong(bytes.position()), bytes.getLong(bytes.position() + 8));
  }

  /** Parses the form {@link #toString()} gives. */
  public static TopicId parse(String text) {
    return of(UUID.fromString(text));
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .putLong(mostSignificantBits)
        .putLong(leastSignificantBits)
        .array();
  }

  @Override
  public String toString() {
    return new UUID(mostSignificantBits, leastSignificantBits).toString();
  }
}
