package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is read a million times a second leaves no garbage per record. */
class AllocationTest {
  private static final int RECORDS = 20_000;

  /** Views, the cursor, the CRC and its copying of read-only arrays: a few objects per batch. */
  private static final long PER_BATCH = 8 << 10;

  @ParameterizedTest
  @EnumSource(RecordCursorTest.Memory.class)
  void theCursorAllocatesNothingPerRecord(RecordCursorTest.Memory memory) {
    RecordBatch batch = RecordBatch.at(memory.hold(batchOf(RECORDS, Compression.NONE)), 0);
    byte[] target = new byte[100];
    walk(batch, target); // loads classes

    assertThat(AllocatedBytes.during(() -> walk(batch, target))).isLessThan(PER_BATCH);
  }

  @ParameterizedTest
  @EnumSource(RecordCursorTest.Memory.class)
  void theValidatorAllocatesNothingPerRecord(RecordCursorTest.Memory memory) {
    RecordBatch batch = RecordBatch.at(memory.hold(batchOf(RECORDS, Compression.NONE)), 0);
    validate(batch);

    assertThat(AllocatedBytes.during(() -> validate(batch))).isLessThan(PER_BATCH);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void theValidatorOfCompressedBatchesAllocatesByTheBatch(Compression codec) {
    RecordBatch small = RecordBatch.at(batchOf(RECORDS, codec), 0);
    RecordBatch large = RecordBatch.at(batchOf(3 * RECORDS, codec), 0);
    validate(small);
    validate(large);

    long more =
        AllocatedBytes.during(() -> validate(large)) - AllocatedBytes.during(() -> validate(small));
    assertThat(more).as("bytes for %d more records", 2 * RECORDS).isLessThan(RECORDS);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void theBuilderAllocatesLittleMoreThanTheBatch(Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 8 << 20);
    byte[] value = SampleBatch.bytes("a line of a log, as short as they come");
    fill(builder, value, RECORDS);
    builder.build();

    long allocated = AllocatedBytes.during(() -> fill(builder, value, RECORDS));
    assertThat(allocated).isLessThan(PER_BATCH);
  }

  private static void walk(RecordBatch batch, byte[] target) {
    try (RecordCursor cursor = batch.records(DecompressionLimits.DEFAULT)) {
      long sum = 0;
      while (cursor.next()) {
        cursor.copyValue(target, 0);
        sum += cursor.offset() + cursor.timestamp() + cursor.keySize() + cursor.payloadSize();
        sum += cursor.headerCount() + target[0];
      }
      assertThat(sum).isNotZero();
    }
  }

  private static void validate(RecordBatch batch) {
    BatchValidator.validate(batch, 16 << 20, 1 << 20, DecompressionLimits.DEFAULT);
  }

  private static ByteBuffer batchOf(int records, Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 16 << 20);
    for (int i = 0; i < records; i++) {
      builder.append(
          i,
          null,
          SampleBatch.bytes("line " + i),
          i % 10 == 0 ? List.of(new RecordHeader("h", new byte[3])) : List.of());
    }
    return builder.build();
  }

  private static void fill(RecordBatchBuilder builder, byte[] value, int records) {
    for (int i = 0; i < records; i++) {
      builder.append(i, null, value, List.of());
    }
  }
}
