package dev.weir.client;

import dev.weir.core.record.Compression;
import java.time.Duration;

/**
 * How a {@link WeirProducer} sends.
 *
 * @param acks what an answer means
 * @param compression of batches; a batch that would grow is sent as it is
 * @param bufferBytes bound of the memory for records taken and not yet answered, results that were
 *     not requested included. Records are asked for only while the largest that may come still
 *     fits: with little more than {@code maxRecordBytes} they are taken one by one. Several
 *     subscriptions share it, each may exceed it by the records it has asked for
 * @param batchBytes a batch is sent when it has so many bytes; smaller costs throughput, larger
 *     costs memory per partition
 * @param linger how long a batch that is not full may wait while an earlier batch of its partition
 *     is unanswered; an idle partition sends at once. Zero sends without waiting.
 * @param maxRecordBytes key, value and headers of one record; a larger record fails with
 *     RECORD_TOO_LARGE. The broker has a limit of its own.
 * @param stopOnError whether the first record that fails ends the stream with its error
 */
public record ProducerSettings<K, V>(
    Serializer<K> keySerializer,
    Serializer<V> valueSerializer,
    Acks acks,
    Compression compression,
    int bufferBytes,
    int batchBytes,
    Duration linger,
    int maxRecordBytes,
    boolean stopOnError) {

  public ProducerSettings {
    if (maxRecordBytes < 1) {
      throw new IllegalArgumentException("maxRecordBytes must be positive, not " + maxRecordBytes);
    }
    if (batchBytes < 1024) {
      throw new IllegalArgumentException("batchBytes must be at least 1024, not " + batchBytes);
    }
    long least = Math.max(batchBytes, maxRecordBytes + SendIntake.RECORD_FRAMING_BYTES);
    if (bufferBytes < least) {
      throw new IllegalArgumentException(
          "bufferBytes must hold a batch and the largest record, "
              + least
              + " bytes; it is "
              + bufferBytes);
    }
    if (linger.isNegative()) {
      throw new IllegalArgumentException("linger must not be negative: " + linger);
    }
  }

  /** Defaults: all replicas, no compression, 32 MiB buffer, 64 KiB batches, 1 ms, 1 MiB records. */
  public static <K, V> ProducerSettings<K, V> of(
      Serializer<K> keySerializer, Serializer<V> valueSerializer) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        Acks.ALL,
        Compression.NONE,
        32 << 20,
        64 << 10,
        Duration.ofMillis(1),
        1 << 20,
        false);
  }

  public ProducerSettings<K, V> withAcks(Acks value) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        value,
        compression,
        bufferBytes,
        batchBytes,
        linger,
        maxRecordBytes,
        stopOnError);
  }

  public ProducerSettings<K, V> withCompression(Compression value) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        acks,
        value,
        bufferBytes,
        batchBytes,
        linger,
        maxRecordBytes,
        stopOnError);
  }

  public ProducerSettings<K, V> withBufferBytes(int value) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        acks,
        compression,
        value,
        batchBytes,
        linger,
        maxRecordBytes,
        stopOnError);
  }

  public ProducerSettings<K, V> withBatchBytes(int value) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        acks,
        compression,
        bufferBytes,
        value,
        linger,
        maxRecordBytes,
        stopOnError);
  }

  public ProducerSettings<K, V> withLinger(Duration value) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        acks,
        compression,
        bufferBytes,
        batchBytes,
        value,
        maxRecordBytes,
        stopOnError);
  }

  public ProducerSettings<K, V> withMaxRecordBytes(int value) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        acks,
        compression,
        bufferBytes,
        batchBytes,
        linger,
        value,
        stopOnError);
  }

  public ProducerSettings<K, V> withStopOnError(boolean value) {
    return new ProducerSettings<>(
        keySerializer,
        valueSerializer,
        acks,
        compression,
        bufferBytes,
        batchBytes,
        linger,
        maxRecordBytes,
        value);
  }
}
