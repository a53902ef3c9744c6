package dev.weir.broker.campaign.groups;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** 100 bytes that say who sent them, to which partition, as the how-manieth: that is the offset. */
record Payload(int producer, int partition, long counter) {
  private static final int BYTES = 100;

  byte[] encode() {
    ByteBuffer value = ByteBuffer.allocate(BYTES);
    value.putInt(producer).putInt(partition).putLong(counter);
    return value.array();
  }

  static @Nullable Payload decode(byte @Nullable [] bytes) {
    if (bytes == null || bytes.length != BYTES) {
      return null;
    }
    ByteBuffer value = ByteBuffer.wrap(bytes);
    return new Payload(value.getInt(), value.getInt(), value.getLong());
  }
}
