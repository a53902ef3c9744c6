package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RecordBatchTest {
  private final ByteBuffer bytes = SampleBatch.KEYS.build(Compression.NONE);

  @Test
  void batchesAreFoundOneAfterTheOtherInOneBuffer() {
    ByteBuffer second = SampleBatch.NULLS.build(Compression.NONE);
    ByteBuffer log = ByteBuffer.allocate(7 + bytes.limit() + second.limit()).position(7);
    log.put(bytes.duplicate()).put(second.duplicate()).flip();

    RecordBatch first = RecordBatch.at(log, 7);
    RecordBatch next = RecordBatch.at(log, 7 + first.sizeInBytes());
    assertThat(first.recordCount()).isEqualTo(SampleBatch.KEYS.records.size());
    assertThat(next.buffer()).isEqualTo(second);
    assertThat(log.position()).as("the caller's position").isZero();
  }

  @Test
  void fieldsAreReadWhateverTheByteOrderOfTheBuffer() {
    ByteBuffer little = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);

    assertThat(RecordBatch.sizeAt(little, 0)).isEqualTo(bytes.limit());
    assertThat(RecordBatch.at(little, 0).crcMatches()).isTrue();
  }

  @Test
  void theSizeIsUnknownBeforeTheMagicByteIsThere() {
    assertThat(RecordBatch.sizeAt(bytes.duplicate().limit(16), 0)).isEqualTo(-1);
    assertThat(RecordBatch.sizeAt(bytes.duplicate().limit(17), 0)).isEqualTo(bytes.limit());
    assertThat(RecordBatch.sizeAt(bytes, bytes.limit())).isEqualTo(-1);
    assertThat(RecordBatch.sizeAt(bytes, bytes.limit() + 5)).isEqualTo(-1);
  }

  @Test
  void aBatchThatIsCutOffIsCorrupt() {
    assertCorrupt(() -> RecordBatch.at(bytes.duplicate().limit(bytes.limit() - 1), 0), "cut off");
    assertCorrupt(() -> RecordBatch.at(bytes.duplicate().limit(12), 0), "cut off");
    assertCorrupt(() -> RecordBatch.at(ByteBuffer.allocate(0), 0), "cut off");
  }

  @Test
  void anotherMagicIsCorruptAndNamed() {
    bytes.put(BatchLayout.MAGIC, (byte) 1);
    assertCorrupt(() -> RecordBatch.at(bytes, 0), "magic 1");
    assertCorrupt(() -> RecordBatch.sizeAt(bytes, 0), "magic 1");
  }

  @Test
  void impossibleLengthsAreCorrupt() {
    for (int length : new int[] {-1, 0, 48, Integer.MIN_VALUE, Integer.MAX_VALUE - 11}) {
      bytes.putInt(BatchLayout.LENGTH, length);
      assertCorrupt(() -> RecordBatch.sizeAt(bytes, 0), String.valueOf(length));
    }
    bytes.putInt(BatchLayout.LENGTH, Integer.MAX_VALUE - 12);
    assertThat(RecordBatch.sizeAt(bytes, 0)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void placingABatchLeavesItsCrcRight() {
    RecordBatch.place(bytes, 0, 1L << 40, 9);

    RecordBatch batch = RecordBatch.at(bytes, 0);
    assertThat(batch.crcMatches()).isTrue();
    assertThat(batch.baseOffset()).isEqualTo(1L << 40);
    assertThat(batch.lastOffset()).isEqualTo((1L << 40) + 49);
    assertThat(batch.nextOffset()).isEqualTo((1L << 40) + 50);
    assertThat(batch.leaderEpoch()).isEqualTo(9);
    assertThat(SampleBatch.Seen.all(batch)).first().asString().startsWith((1L << 40) + "@");
  }

  @Test
  void aViewHasItsOwnPositionForEveryReader() {
    RecordBatch batch = RecordBatch.at(bytes, 0);
    batch.buffer().position(30);

    assertThat(batch.buffer().position()).isZero();
    assertThat(batch.buffer().limit()).isEqualTo(batch.sizeInBytes());
  }

  @Test
  void sequencesWrapToZeroAfterTheLargest() {
    bytes.putInt(BatchLayout.BASE_SEQUENCE, Integer.MAX_VALUE - 9);
    assertThat(RecordBatch.at(bytes, 0).lastSequence()).isEqualTo(39);
    bytes.putInt(BatchLayout.BASE_SEQUENCE, Integer.MAX_VALUE - 49);
    assertThat(RecordBatch.at(bytes, 0).lastSequence()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void anUnknownCodecIsUnsupported() {
    for (int id = 5; id < 8; id++) {
      ByteBuffer batch = RawBatch.of(id, 1, new byte[20]);
      assertThatThrownBy(() -> RecordBatch.at(batch, 0).records(DecompressionLimits.DEFAULT))
          .isInstanceOfSatisfying(
              WeirException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION))
          .hasMessageContaining("codec " + id);
    }
  }

  private static void assertCorrupt(ThrowingCallable read, String named) {
    assertThatThrownBy(read)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_BATCH))
        .hasMessageContaining(named);
  }
}
