package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BatchValidatorTest {
  private static final int MAX = 2 << 20;

  @ParameterizedTest
  @EnumSource(SampleBatch.class)
  void whatTheBuilderMakesIsValid(SampleBatch sample) {
    for (Compression codec : Compression.values()) {
      validate(sample.build(codec));
    }
  }

  @Test
  void aClientMayChooseAnyBaseOffset() {
    ByteBuffer batch = SampleBatch.KEYS.build(Compression.NONE);
    RecordBatch.place(batch, 0, 12_345, 6);
    validate(batch);
  }

  @Test
  void clientsWithoutProducerIdMaySendAnySequence() {
    validate(altered(b -> b.putInt(BatchLayout.BASE_SEQUENCE, 0)));
  }

  @Test
  void aBatchOverTheLimitIsTooLarge() {
    ByteBuffer batch = SampleBatch.KEYS.build(Compression.NONE);
    RecordBatch view = RecordBatch.at(batch, 0);
    BatchValidator.validate(view, batch.limit(), MAX, DecompressionLimits.DEFAULT);
    assertRefused(
        () -> BatchValidator.validate(view, batch.limit() - 1, MAX, DecompressionLimits.DEFAULT),
        ErrorCode.BATCH_TOO_LARGE,
        batch.limit() + " bytes");
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void aRecordOverTheLimitIsTooLarge(Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, MAX);
    builder.append(0, new byte[400], new byte[600], List.of());
    RecordBatch batch = RecordBatch.at(builder.build(), 0);

    BatchValidator.validate(batch, MAX, 1_000, DecompressionLimits.DEFAULT);
    assertRefused(
        () -> BatchValidator.validate(batch, MAX, 999, DecompressionLimits.DEFAULT),
        ErrorCode.RECORD_TOO_LARGE,
        "1000 bytes");
    assertRefused(
        () -> BatchValidator.validate(batch, MAX, 10, DecompressionLimits.DEFAULT),
        ErrorCode.RECORD_TOO_LARGE,
        "record");
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void headersCountTowardsTheRecordLimit(Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, MAX);
    builder.append(0, null, null, List.of(new RecordHeader("h", new byte[2_000])));
    RecordBatch batch = RecordBatch.at(builder.build(), 0);

    assertRefused(
        () -> BatchValidator.validate(batch, MAX, 2_000, DecompressionLimits.DEFAULT),
        ErrorCode.RECORD_TOO_LARGE,
        "record");
    BatchValidator.validate(batch, MAX, 2_010, DecompressionLimits.DEFAULT);
  }

  @Test
  void aWrongCrcIsCorrupt() {
    ByteBuffer batch = SampleBatch.KEYS.build(Compression.NONE);
    batch.putInt(BatchLayout.CRC, batch.getInt(BatchLayout.CRC) + 1);
    assertCorrupt(batch, "CRC");
  }

  @Test
  void noRecordsIsCorrupt() {
    assertCorrupt(RawBatch.of(0, 0, new byte[0]), "at least one record");
    assertCorrupt(altered(b -> b.putInt(BatchLayout.RECORD_COUNT, -1)), "-1");
  }

  @Test
  void aNumberOfRecordsThatDoesNotFitTheOffsetsIsCorrupt() {
    assertCorrupt(altered(b -> b.putInt(BatchLayout.LAST_OFFSET_DELTA, 50)), "delta 50");
    assertCorrupt(altered(b -> b.putInt(BatchLayout.LAST_OFFSET_DELTA, -1)), "delta -1");
    assertCorrupt(
        altered(
            b -> b.putInt(BatchLayout.RECORD_COUNT, 51).putInt(BatchLayout.LAST_OFFSET_DELTA, 50)),
        "record 50");
    assertCorrupt(
        altered(
            b -> b.putInt(BatchLayout.RECORD_COUNT, 49).putInt(BatchLayout.LAST_OFFSET_DELTA, 48)),
        "bytes follow");
  }

  @Test
  void aGapInTheOffsetsIsCorrupt() {
    byte[] records = {14, 0, 0, 0, 1, 2, 'a', 0, 14, 0, 0, 4, 1, 2, 'b', 0};
    assertCorrupt(RawBatch.of(0, 2, records), "offset delta 2");
  }

  @Test
  void attributesOnlyABrokerMayWriteAreRefused() {
    assertCorrupt(withAttributes(BatchLayout.CONTROL_BIT), "control");
    assertCorrupt(withAttributes(BatchLayout.DELETE_HORIZON_BIT), "delete horizon");
    assertRefused(
        () -> validate(withAttributes(BatchLayout.LOG_APPEND_TIME_BIT)),
        ErrorCode.INVALID_TIMESTAMP,
        "log append time");
    assertCorrupt(withAttributes(0x80), "0x80");
    assertCorrupt(withAttributes(0x8000), "0x8000");
  }

  @Test
  void kafkasControlBatchIsRefused() {
    ByteBuffer marker =
        MemoryRecords.withEndTransactionMarker(
                4711, (short) 1, new EndTransactionMarker(ControlRecordType.COMMIT, 0))
            .buffer();
    assertCorrupt(marker, "control");
  }

  @Test
  void anUnknownCodecIsUnsupported() {
    assertRefused(() -> validate(withAttributes(6)), ErrorCode.UNSUPPORTED_COMPRESSION, "codec 6");
  }

  @Test
  void producerFieldsMustFitTogether() {
    assertCorrupt(altered(b -> b.putLong(BatchLayout.PRODUCER_ID, -2)), "-2");
    assertCorrupt(altered(b -> b.putLong(BatchLayout.PRODUCER_ID, 5)), "epoch and a sequence");
    assertCorrupt(
        altered(
            b ->
                b.putLong(BatchLayout.PRODUCER_ID, 5)
                    .putShort(BatchLayout.PRODUCER_EPOCH, (short) 0)),
        "epoch and a sequence");
    assertCorrupt(withAttributes(BatchLayout.TRANSACTIONAL_BIT), "transactional");
  }

  @Test
  void theLargestTimestampMustBeThatOfTheRecords() {
    assertCorrupt(altered(b -> b.putLong(BatchLayout.MAX_TIMESTAMP, 1_048)), "1048");
    assertCorrupt(altered(b -> b.putLong(BatchLayout.MAX_TIMESTAMP, 1_050)), "1050");
  }

  @Test
  void negativeTimestampsAreInvalidHoweverTheyComeAbout() {
    assertRefused(
        () -> validate(altered(b -> b.putLong(BatchLayout.BASE_TIMESTAMP, -2))),
        ErrorCode.INVALID_TIMESTAMP,
        "-2");
    assertRefused(
        () -> validate(altered(b -> b.putLong(BatchLayout.BASE_TIMESTAMP, Long.MAX_VALUE))),
        ErrorCode.INVALID_TIMESTAMP,
        String.valueOf(Long.MIN_VALUE));
  }

  @ParameterizedTest
  @CsvSource({"90, 100, 10, 20", "120, 100, 10, 20", "100, 100, 0, 0", "-1, 100, 0, 0"})
  void timestampsWithinTheirBoundsAreTaken(long timestamp, long now, long before, long after) {
    validateTime(timestamp, now, new TimestampBounds(before, after));
  }

  @Test
  void timestampsOutsideTheirBoundsAreInvalidAndNameThem() {
    assertRefused(
        () -> validateTime(89, 100, new TimestampBounds(10, 20)),
        ErrorCode.INVALID_TIMESTAMP,
        "timestamp 89 (1970-01-01T00:00:00.089Z) is 11 ms behind the broker's clock;"
            + " message.timestamp.before.max.ms allows 10");
    assertRefused(
        () -> validateTime(121, 100, new TimestampBounds(10, 20)),
        ErrorCode.INVALID_TIMESTAMP,
        "is 21 ms ahead of the broker's clock; message.timestamp.after.max.ms allows 20");
    assertRefused(
        () -> validateTime(Long.MAX_VALUE, 0, TimestampBounds.DEFAULT),
        ErrorCode.INVALID_TIMESTAMP,
        "ahead of");
    validateTime(Long.MAX_VALUE, 0, TimestampBounds.ANY);
    assertThatThrownBy(() -> new TimestampBounds(-1, 0)).isInstanceOf(WeirException.class);
  }

  /** One record in time before the one that is asked about. */
  private static void validateTime(long timestamp, long now, TimestampBounds bounds) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, MAX);
    builder.append(now, null, null, List.of());
    builder.append(timestamp, null, null, List.of());
    BatchValidator.validate(
        RecordBatch.at(builder.build(), 0),
        MAX,
        MAX,
        DecompressionLimits.DEFAULT,
        bounds,
        now,
        false);
  }

  private static ByteBuffer altered(Consumer<ByteBuffer> change) {
    ByteBuffer batch = SampleBatch.KEYS.build(Compression.NONE);
    change.accept(batch);
    return RawBatch.reseal(batch);
  }

  private static ByteBuffer withAttributes(int attributes) {
    return altered(b -> b.putShort(BatchLayout.ATTRIBUTES, (short) attributes));
  }

  private static void validate(ByteBuffer batch) {
    BatchValidator.validate(RecordBatch.at(batch, 0), MAX, MAX, DecompressionLimits.DEFAULT);
  }

  private static void assertCorrupt(ByteBuffer batch, String named) {
    assertRefused(() -> validate(batch), ErrorCode.CORRUPT_BATCH, named);
  }

  private static void assertRefused(ThrowingCallable call, ErrorCode code, String named) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(named);
  }
}
