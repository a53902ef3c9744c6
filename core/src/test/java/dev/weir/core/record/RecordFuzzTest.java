package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Batches from a fuzzer: what it found once, and what it starts from, runs as a plain test; {@code
 * bin/campaign fuzz} searches on.
 */
class RecordFuzzTest {
  private static final int CODECS = Compression.values().length;

  /** The bytes as they are, and with length, magic and CRC put right. */
  @MethodSource("batches")
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
  @MethodSource("compressed")
  @FuzzTest
  void compressedBytes(byte[] data) {
    if (data.length >= 2) {
      byte[] records = Arrays.copyOfRange(data, 2, data.length);
      OrderlyReading.require(RawBatch.of((data[0] & 0xff) % CODECS, data[1], records));
    }
  }

  /** The codec, how many records there should be, and their bytes before they are compressed. */
  @MethodSource("plain")
  @FuzzTest
  void records(byte[] data) {
    if (data.length >= 2) {
      byte[] records = Arrays.copyOfRange(data, 2, data.length);
      Compression codec = Compression.ofId((data[0] & 0xff) % CODECS);
      OrderlyReading.require(RawBatch.of(codec, data[1], records));
    }
  }

  /** What is read is written back in the same number of bytes or fewer, and read alike again. */
  @MethodSource("numbers")
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

  static Stream<byte[]> batches() {
    return kinds().flatMap(kind -> codecs().map(codec -> kind.build(codec).array()));
  }

  static Stream<byte[]> compressed() {
    return kinds()
        .flatMap(
            kind ->
                codecs().map(codec -> headed(codec, RawBatch.compress(codec, recordsOf(kind)))));
  }

  static Stream<byte[]> plain() {
    return kinds().flatMap(kind -> codecs().map(codec -> headed(codec, recordsOf(kind))));
  }

  static Stream<byte[]> numbers() {
    return Stream.of(
        RawBatch.varints(0, 1, -1, 63, 64, -65, Integer.MAX_VALUE, Integer.MIN_VALUE),
        RawBatch.varints(Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40));
  }

  private static Stream<SampleBatch> kinds() {
    return Stream.of(SampleBatch.NULLS, SampleBatch.TIMES, SampleBatch.NO_TIMES);
  }

  private static Stream<Compression> codecs() {
    return Arrays.stream(Compression.values());
  }

  private static byte[] recordsOf(SampleBatch kind) {
    return RawBatch.recordsOf(kind.build(Compression.NONE));
  }

  /** Most kinds have four records; another number is one more thing that is wrong. */
  private static byte[] headed(Compression codec, byte[] records) {
    byte[] data = new byte[2 + records.length];
    data[0] = (byte) codec.id();
    data[1] = 4;
    System.arraycopy(records, 0, data, 2, records.length);
    return data;
  }
}
