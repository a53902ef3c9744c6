package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class UsualRecordsTest {
  private static final long BASE = 1_700_000_000_000L;
  private static final int MAX_RECORD_BYTES = 100_000;

  @Property(tries = 300)
  void acceptsWhatProducersSend(
      @ForAll @IntRange(min = 1, max = 300) int records, @ForAll Random random) {
    RecordBatch batch = batch(records, random, List.of());

    assertThat(largestTimestamp(batch, MAX_RECORD_BYTES))
        .isEqualTo(batch.maxTimestamp())
        .isEqualTo(carefully(batch));
  }

  /** Offset deltas of one, two and three bytes. */
  @Property(tries = 20)
  void acceptsManyRecordsAlike(@ForAll Random random) {
    int records = 8_000 + random.nextInt(2_000);
    RecordBatch batch = alike(records, random, List.of());

    assertThat(largestTimestamp(batch, MAX_RECORD_BYTES))
        .isEqualTo(batch.maxTimestamp())
        .isEqualTo(carefully(batch));
  }

  /** A byte or two of a batch are changed, or its end is moved, and the CRC is not asked. */
  @Property(tries = 20_000)
  void acceptsNothingThatTheCursorDoesNot(
      @ForAll @IntRange(min = 1, max = 12) int records, @ForAll Random random) {
    requireAgreement(changed(batch(records, random, List.of()), 1, random));
  }

  /**
   * The same with records that the quickest way passes: every byte that is not a value's counts.
   */
  @Property(tries = 20_000)
  void acceptsNothingThatTheCursorDoesNotAmongRecordsAlike(@ForAll Random random) {
    RecordBatch batch = alike(17 + random.nextInt(150), random, List.of());
    int recordBytes = (batch.sizeInBytes() - RecordBatch.HEADER_BYTES) / batch.recordCount();
    requireAgreement(changed(batch, recordBytes, random));
  }

  private static void requireAgreement(RecordBatch batch) {
    long quick = largestTimestamp(batch, MAX_RECORD_BYTES);
    if (quick != UsualRecords.UNUSUAL) {
      assertThat(carefully(batch)).isEqualTo(quick);
    }
  }

  /**
   * @param step 1 to change any byte; more to change only such near the beginning of a record when
   *     all have so many
   */
  private static RecordBatch changed(RecordBatch batch, int step, Random random) {
    ByteBuffer bytes = batch.buffer();
    ByteBuffer changed = ByteBuffer.allocate(bytes.remaining() + 8).put(bytes);
    int size = changed.position();
    int most = size - RecordBatch.HEADER_BYTES;
    for (int change = random.nextInt(3); change >= 0; change--) {
      int at =
          step == 1
              ? random.nextInt(most)
              : random.nextInt(most / step) * step + random.nextInt(14) - 3;
      at = RecordBatch.HEADER_BYTES + Math.max(0, at);
      changed.put(at, (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(4)));
    }
    int newSize = Math.max(RecordBatch.HEADER_BYTES, size + random.nextInt(13) - 8);
    int end = random.nextInt(4) == 0 ? newSize : size;
    changed.putInt(BatchLayout.LENGTH, end - BatchLayout.LENGTH_PREFIX_BYTES);
    return RecordBatch.at(changed.position(0).limit(end), 0);
  }

  @Property(tries = 200)
  void leavesRecordHeadersOfAnyRecordToTheCursor(
      @ForAll @IntRange(min = 0, max = 99) int which, @ForAll Random random) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    int valueBytes = 60 + random.nextInt(100);
    for (int i = 0; i < 100; i++) {
      List<RecordHeader> headers = i == which ? List.of(new RecordHeader("n", null)) : List.of();
      builder.append(BASE, null, new byte[valueBytes], headers);
    }

    assertThat(largestTimestamp(RecordBatch.at(builder.build(), 0), MAX_RECORD_BYTES))
        .isEqualTo(UsualRecords.UNUSUAL);
  }

  /** The last byte of a record alone says that it has headers; its size does not. */
  @Property(tries = 200)
  void leavesAnyHeaderCountToTheCursor(
      @ForAll @IntRange(min = 0, max = 99) int which, @ForAll Random random) {
    RecordBatch batch = alike(100, random, List.of());
    ByteBuffer changed = ByteBuffer.allocate(batch.sizeInBytes()).put(batch.buffer()).flip();
    int at = RecordBatch.HEADER_BYTES;
    for (int i = 0; i <= which; i++) {
      int size = Varint.readInt(changed.position(at));
      at = changed.position() + size;
    }
    changed.put(at - 1, (byte) 2);

    assertThat(largestTimestamp(RecordBatch.at(changed.position(0), 0), MAX_RECORD_BYTES))
        .isEqualTo(UsualRecords.UNUSUAL);
  }

  @Example
  void leavesRecordHeadersToTheCursor() {
    RecordBatch batch = batch(3, new Random(1), List.of(new RecordHeader("name", new byte[] {1})));

    assertThat(largestTimestamp(batch, MAX_RECORD_BYTES)).isEqualTo(UsualRecords.UNUSUAL);
  }

  @Example
  void leavesCompressedBatchesToTheCursor() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4, 1 << 20);
    builder.append(BASE, null, new byte[10_000], List.of());

    assertThat(largestTimestamp(RecordBatch.at(builder.build(), 0), MAX_RECORD_BYTES))
        .isEqualTo(UsualRecords.UNUSUAL);
  }

  @Example
  void leavesTooLargeRecordsToTheCursor() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    builder.append(BASE, new byte[60], new byte[60], List.of());
    RecordBatch batch = RecordBatch.at(builder.build(), 0);

    assertThat(largestTimestamp(batch, 120)).isEqualTo(BASE);
    assertThat(largestTimestamp(batch, 119)).isEqualTo(UsualRecords.UNUSUAL);
  }

  private static RecordBatch batch(int records, Random random, List<RecordHeader> headers) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    for (int i = 0; i < records; i++) {
      long timestamp = BASE + random.nextInt(20_000) - 10_000;
      builder.append(timestamp, bytes(random, 20), bytes(random, 1_000), headers);
    }
    return RecordBatch.at(builder.build(), 0);
  }

  /** All of about 64 bytes to 8 KiB, with fields as wide as those of the one before, mostly. */
  private static RecordBatch alike(int records, Random random, List<RecordHeader> headers) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 23);
    byte[] key = random.nextBoolean() ? null : new byte[random.nextInt(66)];
    int valueBytes = 64 + random.nextInt(records > 1_000 ? 200 : 700);
    int each = 1 + random.nextInt(5);
    for (int i = 0; i < records; i++) {
      long timestamp = BASE + i / each + random.nextInt(2);
      builder.append(timestamp, key, new byte[valueBytes - random.nextInt(2)], headers);
    }
    return RecordBatch.at(builder.build(), 0);
  }

  private static byte @Nullable [] bytes(Random random, int below) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    byte[] bytes = new byte[random.nextInt(below)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The largest timestamp as the cursor finds it; UNUSUAL when the batch is not valid. */
  private static long carefully(RecordBatch batch) {
    long largest = UsualRecords.UNUSUAL;
    int expected = 0;
    try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
      while (records.next()) {
        if (records.offset() - batch.baseOffset() != expected++) {
          return UsualRecords.UNUSUAL;
        }
        largest = Math.max(largest, records.timestamp());
      }
      return largest;
    } catch (WeirException corrupt) {
      return UsualRecords.UNUSUAL;
    }
  }

  @Example
  void leavesRecordsOutsideTheBoundsOfTimeToTheCursor() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    builder.append(BASE, null, new byte[1], List.of());
    builder.append(BASE + 5, null, new byte[1], List.of());
    RecordBatch batch = RecordBatch.at(builder.build(), 0);
    assertThat(UsualRecords.largestTimestamp(batch, 9, BASE, BASE + 5)).isEqualTo(BASE + 5);
    assertThat(UsualRecords.largestTimestamp(batch, 9, BASE + 1, BASE + 5))
        .isEqualTo(UsualRecords.UNUSUAL);
    assertThat(UsualRecords.largestTimestamp(batch, 9, BASE, BASE + 4))
        .isEqualTo(UsualRecords.UNUSUAL);
  }

  private static long largestTimestamp(RecordBatch batch, int maxRecordBytes) {
    return UsualRecords.largestTimestamp(batch, maxRecordBytes, -1, Long.MAX_VALUE);
  }
}
