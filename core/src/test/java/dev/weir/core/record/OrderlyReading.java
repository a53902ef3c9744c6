package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reading any bytes as a batch ends in a value or a clear answer, and allocates little. */
final class OrderlyReading {
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

  private OrderlyReading() {}

  /** Reads and validates the batch at the buffer's start. */
  static void require(ByteBuffer bytes) {
    long allocated = allocatedBy(bytes);
    if (allocated >= BOUND) {
      allocated = allocatedBy(bytes); // the first time, classes may have been loaded
    }
    assertThat(allocated).isLessThan(BOUND);
  }

  private static long allocatedBy(ByteBuffer bytes) {
    return AllocatedBytes.during(
        () -> {
          ErrorCode onReading = read(bytes);
          ErrorCode onValidating = validate(bytes);
          assertThat(onReading == null || ON_READING.contains(onReading)).isTrue();
          assertThat(onValidating == null || ON_VALIDATING.contains(onValidating)).isTrue();
        });
  }

  private static @Nullable ErrorCode read(ByteBuffer bytes) {
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

  /** The answer of the validator; null when it takes the batch. */
  static @Nullable ErrorCode validate(ByteBuffer bytes) {
    try {
      BatchValidator.validate(
          RecordBatch.at(bytes, 0), 1 << 20, 1 << 20, DecompressionLimits.DEFAULT);
      return null;
    } catch (WeirException e) {
      return e.code();
    }
  }
}
