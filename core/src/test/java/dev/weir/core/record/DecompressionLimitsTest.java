package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecompressionLimitsTest {
  private static final long MIB = 1 << 20;

  /** Buffers that the codecs take whatever the input says. */
  private static final long CODEC_BYTES = MIB;

  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE"})
  void aBombOfManyRecordsEndsAtTheCap(Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 16 << 20);
    while (builder.append(0, null, null, List.of())) {
      // the same seven bytes with another offset
    }
    RecordBatch bomb = RecordBatch.at(builder.build(), 0);
    assertEndsAt(MIB, bomb, new DecompressionLimits(MIB, 1_000));
  }

  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE"})
  void aBombOfOneRecordEndsAtTheCap(Compression codec) {
    assertEndsAt(4 * MIB, bombOfOneRecord(codec), new DecompressionLimits(4 * MIB, 1_000));
  }

  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE"})
  void aBombEndsAtTheRatio(Compression codec) {
    RecordBatch bomb = bombOfOneRecord(codec);
    DecompressionLimits limits = new DecompressionLimits(1 << 30, 2);
    long cap = limits.capFor(bomb.sizeInBytes() - RecordBatch.HEADER_BYTES);
    assertThat(cap).isEqualTo(DecompressionLimits.RATIO_FREE_BYTES);
    assertEndsAt(cap, bomb, limits);
  }

  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE"})
  void theRecordLimitStopsABombBeforeItGrows(Compression codec) {
    RecordBatch bomb = bombOfOneRecord(codec);
    long allocated =
        AllocatedBytes.during(
            () ->
                assertThatThrownBy(
                        () ->
                            BatchValidator.validate(
                                bomb, 2 << 20, 1 << 20, DecompressionLimits.DEFAULT))
                    .isInstanceOfSatisfying(
                        WeirException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE)));
    assertThat(allocated).isLessThan(CODEC_BYTES);
  }

  @Test
  void aSnappyBlockThatClaimsTwoGigabytesCostsNothing() {
    byte[] bare = {-1, -1, -1, -1, 7, 0, 0, 0};
    assertEndsAt(0, RecordBatch.at(RawBatch.of(2, 1, bare), 0), DecompressionLimits.DEFAULT);
  }

  /** Snappy's lengths are believed before anything is decompressed. */
  @Test
  void aSnappyBlockThatClaimsFarMoreThanItsSizeCostsNothing() {
    byte[] bare = new byte[100_000];
    bare[0] = bare[1] = bare[2] = -128;
    bare[3] = 15; // 30 MiB
    RecordBatch batch = RecordBatch.at(RawBatch.of(2, 1, bare), 0);
    long allocated =
        AllocatedBytes.during(
            () ->
                assertThatThrownBy(
                        () ->
                            BatchValidator.validate(
                                batch, 2 << 20, 1 << 20, DecompressionLimits.DEFAULT))
                    .hasMessageContaining(
                        "a block of 100000 bytes decompresses to 31457280 bytes, more than the"
                            + " 4194304 allowed for one block"));
    assertThat(allocated).isLessThan(CODEC_BYTES);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void aBatchOfEqualLinesIsNoBomb(Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 1 << 20);
    while (builder.append(0, null, new byte[0], List.of())) {
      // until it is full
    }
    RecordBatch batch = RecordBatch.at(builder.build(), 0);
    BatchValidator.validate(batch, 1 << 20, 1 << 20, DecompressionLimits.DEFAULT);
  }

  @Test
  void limitsAreAtLeastOne() {
    assertThatThrownBy(() -> new DecompressionLimits(0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DecompressionLimits(1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertEndsAt(long cap, RecordBatch bomb, DecompressionLimits limits) {
    long allocated =
        AllocatedBytes.during(
            () ->
                assertThatThrownBy(() -> readAll(bomb, limits))
                    .isInstanceOfSatisfying(
                        WeirException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.BATCH_TOO_LARGE))
                    .hasMessageContaining("decompress"));
    // A window that doubles has been 1/4, 1/2 and all of the bytes before; it is at most twice.
    assertThat(allocated).isLessThan(4 * cap + CODEC_BYTES);
  }

  private static long readAll(RecordBatch batch, DecompressionLimits limits) {
    long bytes = 0;
    try (RecordCursor cursor = batch.records(limits)) {
      while (cursor.next()) {
        bytes += cursor.payloadSize();
      }
    }
    return bytes;
  }

  private static RecordBatch bombOfOneRecord(Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 1 << 10);
    builder.append(0, null, new byte[16 << 20], List.of());
    ByteBuffer bytes = builder.build();
    assertThat(bytes.limit()).as("compressed").isLessThan(1 << 20);
    return RecordBatch.at(bytes, 0);
  }
}
