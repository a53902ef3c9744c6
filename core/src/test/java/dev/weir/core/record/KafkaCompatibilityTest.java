package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class KafkaCompatibilityTest {
  static Stream<Arguments> everySampleWithEveryCodec() {
    return Stream.of(SampleBatch.values())
        .flatMap(
            sample -> Stream.of(Compression.values()).map(codec -> Arguments.of(sample, codec)));
  }

  @ParameterizedTest
  @MethodSource("everySampleWithEveryCodec")
  void kafkaReadsWhatWeWrite(SampleBatch sample, Compression codec) {
    ByteBuffer bytes = sample.build(codec);
    RecordBatch.place(bytes, 0, 1_000_000_007L, 17);

    MutableRecordBatch batch = KafkaOracle.onlyBatch(bytes);
    batch.ensureValid();
    RecordBatch ours = RecordBatch.at(bytes, 0);
    assertThat(KafkaOracle.read(batch)).isEqualTo(expected(sample, 1_000_000_007L));
    assertThat(batch.sizeInBytes()).isEqualTo(ours.sizeInBytes()).isEqualTo(bytes.remaining());
    assertThat(batch.baseOffset()).isEqualTo(1_000_000_007L);
    assertThat(batch.partitionLeaderEpoch()).isEqualTo(17);
    assertSameFields(ours, batch);
  }

  @ParameterizedTest
  @MethodSource("everySampleWithEveryCodec")
  void weReadWhatKafkaWrites(SampleBatch sample, Compression codec) {
    ByteBuffer bytes = KafkaOracle.write(sample, codec);

    RecordBatch batch = RecordBatch.at(bytes, 0);
    assertThat(batch.crcMatches()).isTrue();
    assertThat(batch.compression()).isEqualTo(codec);
    assertThat(batch.sizeInBytes()).isEqualTo(bytes.remaining());
    assertThat(SampleBatch.Seen.all(batch)).isEqualTo(expected(sample, 0));
    assertSameFields(batch, KafkaOracle.onlyBatch(bytes));
    BatchValidator.validate(batch, 2 << 20, 1 << 20, DecompressionLimits.DEFAULT);
  }

  @ParameterizedTest
  @EnumSource(SampleBatch.class)
  void uncompressedBytesAreThoseKafkaWrites(SampleBatch sample) {
    assertThat(sample.build(Compression.NONE))
        .isEqualTo(KafkaOracle.write(sample, Compression.NONE));
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void batchesThatShrinkUseTheCodec(Compression codec) {
    assertThat(RecordBatch.at(SampleBatch.MANY.build(codec), 0).compression()).isEqualTo(codec);
    assertThat(RecordBatch.at(SampleBatch.KEYS.build(codec), 0).compression()).isEqualTo(codec);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void weReadBatchesOfLogAppendTime(Compression codec) {
    ByteBuffer bytes =
        KafkaOracle.write(
            SampleBatch.KEYS,
            codec,
            org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME,
            500,
            123_456_789L,
            4);

    RecordBatch batch = RecordBatch.at(bytes, 0);
    assertThat(batch.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
    assertThat(batch.leaderEpoch()).isEqualTo(4);
    assertThat(SampleBatch.Seen.all(batch))
        .isEqualTo(KafkaOracle.read(KafkaOracle.onlyBatch(bytes)))
        .allMatch(seen -> seen.contains("@123456789 "));
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void kafkaReadsABatchStampedWithLogAppendTime(Compression codec) {
    ByteBuffer bytes = SampleBatch.KEYS.build(codec);
    RecordBatch.stampLogAppendTime(bytes, 0, 987_654_321L);

    MutableRecordBatch batch = KafkaOracle.onlyBatch(bytes);
    batch.ensureValid();
    assertThat(KafkaOracle.read(batch))
        .hasSize(SampleBatch.KEYS.records.size())
        .allMatch(seen -> seen.contains("@987654321 "))
        .isEqualTo(SampleBatch.Seen.all(RecordBatch.at(bytes, 0)));
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void weReadWhatAProducerOfTheHighestLevelWrites(Compression codec) {
    List<String> seen = SampleBatch.Seen.all(RecordBatch.at(withHighestLevel(codec), 0));

    assertThat(seen).isEqualTo(expected(SampleBatch.MANY, 0));
  }

  @ParameterizedTest
  @EnumSource(
      value = org.apache.kafka.common.record.internal.ControlRecordType.class,
      names = {"COMMIT", "ABORT"})
  void endsOfTransactionsAreRecognised(
      org.apache.kafka.common.record.internal.ControlRecordType type) {
    ByteBuffer bytes =
        MemoryRecords.withEndTransactionMarker(
                77, 1_000L, 5, 4711, (short) 2, new EndTransactionMarker(type, 3))
            .buffer();

    RecordBatch batch = RecordBatch.at(bytes, 0);
    assertThat(batch.isControl()).isTrue();
    assertThat(batch.isTransactional()).isTrue();
    assertThat(batch.baseOffset()).isEqualTo(77);
    assertSameFields(batch, KafkaOracle.onlyBatch(bytes));
    assertThat(controlTypeOf(batch)).isEqualTo(ControlRecordType.valueOf(type.name()));
  }

  @Test
  void otherControlRecordsAreUnknown() {
    ByteBuffer bytes =
        MemoryRecords.withLeaderChangeMessage(
                0, 1_000L, 1, ByteBuffer.allocate(200), new LeaderChangeMessage())
            .buffer();

    assertThat(controlTypeOf(RecordBatch.at(bytes, 0))).isEqualTo(ControlRecordType.UNKNOWN);
  }

  @Test
  void anOrdinaryKeyIsNoControlRecord() {
    assertThatThrownBy(
            () -> controlTypeOf(RecordBatch.at(SampleBatch.NULLS.build(Compression.NONE), 0)))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("offset 0");
  }

  @Test
  void weReadTheEmptyBatchThatCompactionLeaves() {
    ByteBuffer bytes = ByteBuffer.allocate(61);
    org.apache.kafka.common.record.internal.DefaultRecordBatch.writeEmptyHeader(
        bytes,
        (byte) 2,
        4711,
        (short) 1,
        10,
        100,
        149,
        3,
        org.apache.kafka.common.record.TimestampType.CREATE_TIME,
        5_000,
        true,
        false);

    RecordBatch batch = RecordBatch.at(bytes, 0);
    assertThat(batch.crcMatches()).isTrue();
    assertThat(batch.recordCount()).isZero();
    assertThat(batch.lastOffset()).isEqualTo(149);
    assertThat(batch.lastSequence()).isEqualTo(59);
    assertThat(SampleBatch.Seen.all(batch)).isEmpty();
  }

  private static ControlRecordType controlTypeOf(RecordBatch batch) {
    try (RecordCursor cursor = batch.records(DecompressionLimits.DEFAULT)) {
      assertThat(cursor.next()).isTrue();
      return ControlRecordType.of(cursor);
    }
  }

  private static ByteBuffer withHighestLevel(Compression codec) {
    CompressionType type = CompressionType.forId(codec.id());
    org.apache.kafka.common.compress.Compression highest =
        switch (type) {
          case GZIP -> org.apache.kafka.common.compress.Compression.gzip().level(9).build();
          case LZ4 -> org.apache.kafka.common.compress.Compression.lz4().level(17).build();
          case ZSTD -> org.apache.kafka.common.compress.Compression.zstd().level(22).build();
          default -> KafkaOracle.codec(codec);
        };
    try (var builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(512),
            highest,
            org.apache.kafka.common.record.TimestampType.CREATE_TIME,
            0L)) {
      for (SampleBatch.Sample sample : SampleBatch.MANY.records) {
        builder.append(sample.timestamp(), sample.key(), sample.value());
      }
      return builder.build().buffer();
    }
  }

  private static List<String> expected(SampleBatch sample, long baseOffset) {
    List<String> expected = new ArrayList<>();
    long offset = baseOffset;
    for (SampleBatch.Sample record : sample.records) {
      expected.add(record.seen(offset++));
    }
    return expected;
  }

  private static void assertSameFields(RecordBatch ours, MutableRecordBatch theirs) {
    assertThat(ours.baseOffset()).isEqualTo(theirs.baseOffset());
    assertThat(ours.lastOffset()).isEqualTo(theirs.lastOffset());
    assertThat(ours.nextOffset()).isEqualTo(theirs.nextOffset());
    assertThat(ours.leaderEpoch()).isEqualTo(theirs.partitionLeaderEpoch());
    assertThat(ours.crc()).isEqualTo(theirs.checksum());
    assertThat(ours.maxTimestamp()).isEqualTo(theirs.maxTimestamp());
    assertThat(ours.producerId()).isEqualTo(theirs.producerId());
    assertThat(ours.producerEpoch()).isEqualTo(theirs.producerEpoch());
    assertThat(ours.baseSequence()).isEqualTo(theirs.baseSequence());
    assertThat(ours.lastSequence()).isEqualTo(theirs.lastSequence());
    assertThat(ours.hasProducerId()).isEqualTo(theirs.hasProducerId());
    assertThat(ours.isTransactional()).isEqualTo(theirs.isTransactional());
    assertThat(ours.isControl()).isEqualTo(theirs.isControlBatch());
    assertThat(ours.recordCount()).isEqualTo(theirs.countOrNull());
    assertThat(ours.hasDeleteHorizon()).isEqualTo(theirs.deleteHorizonMs().isPresent());
    assertThat(ours.compression().id()).isEqualTo(theirs.compressionType().id);
  }
}
