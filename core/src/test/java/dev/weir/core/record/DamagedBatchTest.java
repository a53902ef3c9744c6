package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
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
  private static final Set<ErrorCode> ON_READING =
      EnumSet.of(
          ErrorCode.CORRUPT_BATCH, ErrorCode.BATCH_TOO_LARGE, ErrorCode.UNSUPPORTED_COMPRESSION);

  private static final Set<ErrorCode> ON_VALIDATING =
      EnumSet.of(
          ErrorCode.CORRUPT_BATCH,
          ErrorCode.BATCH_TOO_LARGE,
          ErrorCode.UNSUPPORTED_COMPRESSION,
          ErrorCode.RECORD_TOO_LARGE,
          ErrorCode.INVALID_TIMESTAMP);

  /**
   * The window for the records, which may become {@link DecompressionLimits#RATIO_FREE_BYTES}, and
   * the two blocks of 4 MiB that an LZ4 frame may declare.
   */
  private static final long BOUND = 20 << 20;

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
    assertThat(validate(bytes)).isEqualTo(ErrorCode.CORRUPT_BATCH);
  }

  @Property(tries = 3_000)
  void aFlippedBitThatTheCrcHidesIsReadOrRefused(
      @ForAll @From("smallSamples") SampleBatch sample,
      @ForAll Compression codec,
      @ForAll @IntRange(min = 0, max = Integer.MAX_VALUE - 1) int where) {
    ByteBuffer bytes = sample.build(codec);
    int covered = (bytes.limit() - BatchLayout.ATTRIBUTES) * Byte.SIZE;
    flip(bytes, BatchLayout.ATTRIBUTES * Byte.SIZE + where % covered);

    requireOrderly(RawBatch.reseal(bytes));
  }

  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void garbageForRecordsIsReadOrRefused(
      @ForAll @IntRange(min = 0, max = 7) int codec,
      @ForAll @IntRange(min = -1, max = 100) int recordCount,
      @ForAll @Size(max = 400) byte[] records) {
    requireOrderly(RawBatch.of(codec, recordCount, records));
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

    requireOrderly(RawBatch.of(codec.id(), 20, records));
  }

  /** Garbage that is well compressed: the records themselves are nonsense. */
  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void compressedGarbageIsReadOrRefused(
      @ForAll Compression codec,
      @ForAll @IntRange(min = 0, max = 50) int recordCount,
      @ForAll @Size(min = 1, max = 400) byte[] records) {
    requireOrderly(RawBatch.of(codec, recordCount, records));
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
    requireOrderly(bytes);
  }

  private static void requireOrderly(ByteBuffer bytes) {
    long allocated =
        AllocatedBytes.during(
            () -> {
              ErrorCode onReading = read(bytes);
              ErrorCode onValidating = validate(bytes);
              assertThat(onReading == null || ON_READING.contains(onReading)).isTrue();
              assertThat(onValidating == null || ON_VALIDATING.contains(onValidating)).isTrue();
            });
    assertThat(allocated).isLessThan(BOUND);
  }

  private static ErrorCode read(ByteBuffer bytes) {
    try (RecordCursor cursor = RecordBatch.at(bytes, 0).records(DecompressionLimits.DEFAULT)) {
      while (cursor.next()) {
        assertThat(cursor.headers()).hasSize(cursor.headerCount());
        assertThat(cursor.keyBytes() == null).isEqualTo(cursor.keySize() < 0);
        assertThat(cursor.valueBytes() == null).isEqualTo(cursor.valueSize() < 0);
      }
      return null;
    } catch (WeirException e) {
      assertThat(e).message().isNotBlank();
      return e.code();
    }
  }

  private static ErrorCode validate(ByteBuffer bytes) {
    try {
      BatchValidator.validate(
          RecordBatch.at(bytes, 0), 1 << 20, 1 << 20, DecompressionLimits.DEFAULT);
      return null;
    } catch (WeirException e) {
      return e.code();
    }
  }

  private static void flip(ByteBuffer bytes, int bit) {
    int at = bit / Byte.SIZE;
    bytes.put(at, (byte) (bytes.get(at) ^ (1 << (bit % Byte.SIZE))));
  }
}
