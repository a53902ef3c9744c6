package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever the bytes are, reading ends in a value or a clear answer, and costs little. */
class DamagedBatchTest {
  @Provide
  Arbitrary<SampleBatch> smallSamples() {
    return Arbitraries.of(
        SampleBatch.KEYS, SampleBatch.NULLS, SampleBatch.HEADERS, SampleBatch.IDEMPOTENT);
  }

  @Property(tries = 2_000)
  void aFlippedBitFromTheAttributesOnIsFoundByTheCrc(
      @ForAll @From("smallSamples") SampleBatch sample,
      @ForAll Compression codec,
      @ForAll @IntRange(min = 0, max = Integer.MAX_VALUE - 1) int where) {
    ByteBuffer bytes = sample.build(codec);
    int covered = (bytes.limit() - BatchLayout.ATTRIBUTES) * Byte.SIZE;
    flip(bytes, BatchLayout.ATTRIBUTES * Byte.SIZE + where % covered);

    assertThat(RecordBatch.at(bytes, 0).crcMatches()).isFalse();
    assertThat(OrderlyReading.validate(bytes)).isEqualTo(ErrorCode.CORRUPT_BATCH);
  }

  @Property(tries = 3_000)
  void aFlippedBitThatTheCrcHidesIsReadOrRefused(
      @ForAll @From("smallSamples") SampleBatch sample,
      @ForAll Compression codec,
      @ForAll @IntRange(min = 0, max = Integer.MAX_VALUE - 1) int where) {
    ByteBuffer bytes = sample.build(codec);
    int covered = (bytes.limit() - BatchLayout.ATTRIBUTES) * Byte.SIZE;
    flip(bytes, BatchLayout.ATTRIBUTES * Byte.SIZE + where % covered);

    OrderlyReading.require(RawBatch.reseal(bytes));
  }

  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void garbageForRecordsIsReadOrRefused(
      @ForAll @IntRange(min = 0, max = 7) int codec,
      @ForAll @IntRange(min = -1, max = 100) int recordCount,
      @ForAll @Size(max = 400) byte[] records) {
    OrderlyReading.require(RawBatch.of(codec, recordCount, records));
  }

  /** Garbage that begins as the codec expects, so that it gets further in. */
  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void garbageBehindTheRightBeginningIsReadOrRefused(
      @ForAll Compression codec,
      @ForAll @IntRange(min = 0, max = 60) int kept,
      @ForAll @Size(max = 200) byte[] garbage) {
    byte[] right =
        RawBatch.compress(codec, RawBatch.recordsOf(SampleBatch.HEADERS.build(Compression.NONE)));
    byte[] records = new byte[Math.min(kept, right.length) + garbage.length];
    System.arraycopy(right, 0, records, 0, records.length - garbage.length);
    System.arraycopy(garbage, 0, records, records.length - garbage.length, garbage.length);

    OrderlyReading.require(RawBatch.of(codec.id(), 20, records));
  }

  /** Garbage that is well compressed: the records themselves are nonsense. */
  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void compressedGarbageIsReadOrRefused(
      @ForAll Compression codec,
      @ForAll @IntRange(min = 0, max = 50) int recordCount,
      @ForAll @Size(min = 1, max = 400) byte[] records) {
    OrderlyReading.require(RawBatch.of(codec, recordCount, records));
  }

  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void garbageIsNoBatch(@ForAll @Size(max = 120) byte[] garbage, @ForAll boolean rightMagic) {
    if (rightMagic && garbage.length > BatchLayout.MAGIC) {
      garbage[BatchLayout.MAGIC] = 2;
      garbage[BatchLayout.LENGTH] = 0;
      garbage[BatchLayout.LENGTH + 1] = 0;
      garbage[BatchLayout.LENGTH + 2] = 0;
    }
    ByteBuffer bytes = ByteBuffer.wrap(garbage);
    try {
      RecordBatch.at(bytes, 0);
    } catch (WeirException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_BATCH);
      return;
    }
    OrderlyReading.require(bytes);
  }

  private static void flip(ByteBuffer bytes, int bit) {
    int at = bit / Byte.SIZE;
    bytes.put(at, (byte) (bytes.get(at) ^ (1 << (bit % Byte.SIZE))));
  }
}
