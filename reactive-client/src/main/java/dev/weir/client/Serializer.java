package dev.weir.client;

import org.jspecify.annotations.Nullable;

/**
 * Turns a key or a value into bytes. Called on the thread that hands records to {@link
 * WeirProducer#send}, for one record at a time per subscription; an implementation without state
 * may be shared. An exception fails that record alone.
 */
@FunctionalInterface
public interface Serializer<T> {
  /**
   * The bytes of a value that is not null. The array is read before the next record and never
   * changed.
   *
   * @param topic where the record goes
   * @return the bytes; null writes a null, in a value's place a tombstone
   */
  byte @Nullable [] serialize(String topic, T value);
}
