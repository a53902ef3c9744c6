package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Batches from a fuzzer: what it found once, and what it starts from, runs as a plain test; {@code
 * bin/campaign fuzz} searches on.
 */
class RecordFuzzTest {
  private static final int CODECS = Compression.values().length;

  /** The bytes as they are, and with length, magic and CRC put right. */
  @FuzzTest
  void batch(byte[] data) {
    OrderlyReading.require(ByteBuffer.wrap(data.clone()));
    if (data.length >= RecordBatch.HEADER_BYTES) {
      ByteBuffer batch = ByteBuffer.wrap(data.clone());
      batch.putInt(BatchLayout.LENGTH, data.length - RecordBatch.LENGTH_PREFIX_BYTES);
      batch.put(BatchLayout.MAGIC, (byte) 2);
      OrderlyReading.require(RawBatch.reseal(batch));
    }
  }

  /** The codec, how many records there should be, and their bytes as the codec should read them. */
  @FuzzTest
  void compressedBytes(byte[] data) {
    if (data.length >= 2) {
      byte[] records = Arrays.copyOfRange(data, 2, data.length);
      OrderlyReading.require(RawBatch.of((data[0] & 0xff) % CODECS, data[1], records));
    }
  }

  /** The codec, how many records there should be, and their bytes before they are compressed. */
  @FuzzTest
  void records(byte[] data) {
    if (data.length >= 2) {
      byte[] records = Arrays.copyOfRange(data, 2, data.length);
      Compression codec = Compression.ofId((data[0] & 0xff) % CODECS);
      OrderlyReading.require(RawBatch.of(codec, data[1], records));
    }
  }

  /** What is read is written back in the same number of bytes or fewer, and read alike again. */
  @FuzzTest
  void varints(byte[] data) {
    ByteBuffer in = ByteBuffer.wrap(data);
    byte[] out = new byte[Varint.MAX_LONG_BYTES];
    while (in.hasRemaining()) {
      int start = in.position();
      try {
        long value = Varint.readLong(in);
        int size = Varint.write(out, 0, value);
        assertThat(size).isEqualTo(Varint.sizeOf(value)).isLessThanOrEqualTo(in.position() - start);
        assertThat(Varint.readLong(ByteBuffer.wrap(out))).isEqualTo(value);
        ByteBuffer again = ByteBuffer.wrap(data).position(start);
        if (value == (int) value && in.position() - start <= Varint.MAX_INT_BYTES) {
          assertThat(Varint.readInt(again)).isEqualTo((int) value);
        }
      } catch (WeirException noVarint) {
        assertThat(noVarint.code()).isEqualTo(ErrorCode.CORRUPT_BATCH);
        return;
      }
    }
  }
}
