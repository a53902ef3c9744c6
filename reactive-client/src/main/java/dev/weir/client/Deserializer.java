package dev.weir.client;

import java.nio.ByteBuffer;

/**
 * Turns bytes into a key or a value. Called on the thread that delivers records, for one record at
 * a time per subscription. An exception ends the subscription with that exception.
 */
@FunctionalInterface
public interface Deserializer<T> {
  /**
   * The value of bytes that are there; a null is delivered as null without a call.
   *
   * @param topic where the record comes from
   * @param bytes read-only, from position to limit; valid until the method returns
   */
  T deserialize(String topic, ByteBuffer bytes);
}
