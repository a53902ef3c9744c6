package dev.weir.core.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/** Kafka's own writer and reader of batches. */
final class KafkaOracle {
  private KafkaOracle() {}

  static org.apache.kafka.common.compress.Compression codec(Compression compression) {
    return org.apache.kafka.common.compress.Compression.of(
            compression.name().toLowerCase(Locale.ROOT))
        .build();
  }

  /** The sample as Kafka's producer writes it. */
  static ByteBuffer write(SampleBatch sample, Compression compression) {
    return write(sample, compression, TimestampType.CREATE_TIME, 0L, -1L, -1);
  }

  static ByteBuffer write(
      SampleBatch sample,
      Compression compression,
      TimestampType timestampType,
      long baseOffset,
      long logAppendTime,
      int leaderEpoch) {
    try (MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(512),
            (byte) 2,
            codec(compression),
            timestampType,
            baseOffset,
            logAppendTime,
            sample.producerId,
            sample.producerEpoch,
            sample.baseSequence,
            sample.transactional(),
            leaderEpoch)) {
      for (SampleBatch.Sample record : sample.records) {
        builder.append(record.timestamp(), record.key(), record.value(), headers(record.headers()));
      }
      return builder.build().buffer();
    }
  }

  static MutableRecordBatch onlyBatch(ByteBuffer bytes) {
    List<MutableRecordBatch> batches = new ArrayList<>();
    MemoryRecords.readableRecords(bytes.duplicate()).batches().forEach(batches::add);
    if (batches.size() != 1) {
      throw new AssertionError(batches.size() + " batches");
    }
    return batches.get(0);
  }

  /** Every record as Kafka reads it. */
  static List<String> read(MutableRecordBatch batch) {
    List<String> seen = new ArrayList<>();
    for (Record record : batch) {
      record.ensureValid();
      List<RecordHeader> headers = new ArrayList<>();
      for (Header header : record.headers()) {
        headers.add(new RecordHeader(header.key(), header.value()));
      }
      seen.add(
          SampleBatch.Seen.of(
              record.offset(),
              record.timestamp(),
              bytesOf(record.key()),
              bytesOf(record.value()),
              headers));
    }
    return seen;
  }

  private static Header[] headers(List<RecordHeader> headers) {
    return headers.stream()
        .map(h -> new org.apache.kafka.common.header.internals.RecordHeader(h.key(), h.value()))
        .toArray(Header[]::new);
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
