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

  /** A byte or two of a batch are changed, or its end is moved, and the CRC is not asked. */
  @Property(tries = 20_000)
  void acceptsNothingThatTheCursorDoesNot(
      @ForAll @IntRange(min = 1, max = 12) int records, @ForAll Random random) {
    ByteBuffer bytes = batch(records, random, List.of()).buffer();
    ByteBuffer changed = ByteBuffer.allocate(bytes.remaining() + 8).put(bytes);
    int size = changed.position();
    for (int change = random.nextInt(3); change >= 0; change--) {
      int at = RecordBatch.HEADER_BYTES + random.nextInt(size - RecordBatch.HEADER_BYTES);
      changed.put(at, (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(4)));
    }
    int newSize = Math.max(RecordBatch.HEADER_BYTES, size + random.nextInt(13) - 8);
    int end = random.nextInt(4) == 0 ? newSize : size;
    changed.putInt(BatchLayout.LENGTH, end - BatchLayout.LENGTH_PREFIX_BYTES);
    RecordBatch batch = RecordBatch.at(changed.position(0).limit(end), 0);

    long quick = largestTimestamp(batch, MAX_RECORD_BYTES);

    if (quick != UsualRecords.UNUSUAL) {
      assertThat(carefully(batch)).isEqualTo(quick);
    }
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
