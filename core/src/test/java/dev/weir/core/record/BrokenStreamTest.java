package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.weir.core.error.WeirException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each codec's stream can have wrong, and what the check of a batch says to it. Where a codec
 * reads on or stops without a complaint, Kafka's readers do the same, so that whatever is stored is
 * read alike.
 */
class BrokenStreamTest {
  private static final String OK = "OK";
  private static final String CORRUPT = "CORRUPT_BATCH";
  private static final String TOO_LARGE = "BATCH_TOO_LARGE";
  private static final int RECORDS = 50;

  /** The byte of a zstd frame that holds the logarithm of its window. */
  private static final int WINDOW_AT = 5;

  /** Of the largest window that a writer uses and a reader takes without being told to. */
  private static final int MOST_WINDOW_LOG = 27;

  private static final byte[] PLAIN = RawBatch.recordsOf(SampleBatch.KEYS.build(Compression.NONE));
  private static final int HALF = halfOfTheRecords();

  static Stream<Arguments> streams() throws IOException {
    return Stream.of(
        row("gzip, untouched", 1, gzip(PLAIN), OK),
        row("gzip, two members", 1, joined(gzip(first()), gzip(second())), OK),
        row("gzip, garbage behind", 1, joined(gzip(PLAIN), garbage()), OK),
        row("gzip, wrong CRC", 1, flipped(gzip(PLAIN), -8), CORRUPT),
        row("gzip, wrong length", 1, flipped(gzip(PLAIN), -1), CORRUPT),
        row("gzip, no trailer", 1, cut(gzip(PLAIN), 8), CORRUPT),
        row("gzip within gzip", 1, gzip(gzip(PLAIN)), CORRUPT),
        row("gzip, other magic", 1, flipped(gzip(PLAIN), 0), CORRUPT),
        row("snappy, untouched", 2, snappy(PLAIN), OK),
        row("snappy, two streams", 2, joined(snappy(first()), snappy(second())), OK),
        row("snappy, garbage behind", 2, joined(snappy(PLAIN), garbage()), CORRUPT),
        row("snappy, block claims more", 2, withInt(snappy(PLAIN), 16, 1 << 20), CORRUPT),
        row("snappy, block claims less", 2, withInt(snappy(PLAIN), 16, 20), CORRUPT),
        row("snappy, negative block", 2, withInt(snappy(PLAIN), 16, -5), CORRUPT),
        row("snappy, plain length is 1 GiB", 2, bareSnappy(1 << 30), TOO_LARGE),
        row("snappy, plain length too small", 2, bareSnappy(3), CORRUPT),
        row("lz4, untouched", 3, lz4(PLAIN), OK),
        row("lz4, with checksums", 3, lz4WithChecksums(), OK),
        row("lz4, two frames", 3, joined(lz4(first()), lz4(second())), CORRUPT),
        row("lz4, garbage behind", 3, joined(lz4(PLAIN), garbage()), OK),
        row("lz4, wrong header checksum", 3, flipped(lz4(PLAIN), 6), CORRUPT),
        row("lz4, wrong content checksum", 3, flipped(lz4WithChecksums(), -1), CORRUPT),
        row("lz4, no end", 3, cut(lz4(PLAIN), 4), CORRUPT),
        row("lz4, other magic", 3, flipped(lz4(PLAIN), 0), CORRUPT),
        row("zstd, untouched", 4, zstd(PLAIN), OK),
        row("zstd, window of 128 MiB", 4, zstdWithWindow(27), OK),
        row("zstd, window of 256 MiB", 4, zstdWithWindow(28), CORRUPT),
        row("zstd, two frames", 4, joined(zstd(first()), zstd(second())), OK),
        row("zstd, garbage behind", 4, joined(zstd(PLAIN), garbage()), CORRUPT),
        row("zstd, cut off", 4, cut(zstd(PLAIN), 3), CORRUPT),
        row("zstd, other magic", 4, flipped(zstd(PLAIN), 0), CORRUPT));
  }

  @ParameterizedTest(name = "{0} is {3}")
  @MethodSource("streams")
  void isAnswered(String name, int codec, byte[] stream, String expected) {
    ByteBuffer batch = withTimes(RawBatch.of(codec, RECORDS, stream));
    assertThat(answer(batch)).as(name).isEqualTo(expected);
    if (expected.equals(OK)) {
      assertThat(KafkaOracle.read(KafkaOracle.onlyBatch(batch)))
          .as("what is stored is read alike by Kafka's reader")
          .isEqualTo(SampleBatch.Seen.all(RecordBatch.at(batch, 0)))
          .hasSize(RECORDS);
    }
  }

  /** A stream that ends early may still have all the records; then nothing is missing. */
  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE"})
  void anEndAnywhereIsFoundOrTakesNothing(Compression codec) {
    byte[] stream = RawBatch.compress(codec, PLAIN);
    List<String> all = SampleBatch.Seen.all(RecordBatch.at(batch(codec, stream), 0));
    int found = 0;
    for (int kept = 0; kept < stream.length; kept++) {
      ByteBuffer batch = batch(codec, Arrays.copyOf(stream, kept));
      if (answer(batch).equals(OK)) {
        assertThat(SampleBatch.Seen.all(RecordBatch.at(batch, 0))).isEqualTo(all);
      } else {
        assertThat(answer(batch)).as("%d of %d bytes", kept, stream.length).isEqualTo(CORRUPT);
        found++;
      }
    }
    assertThat(found).isEqualTo(stream.length);
  }

  private static ByteBuffer batch(Compression codec, byte[] stream) {
    return withTimes(RawBatch.of(codec.id(), RECORDS, stream));
  }

  private static String answer(ByteBuffer batch) {
    try {
      BatchValidator.validate(
          RecordBatch.at(batch, 0), 1 << 20, 1 << 20, DecompressionLimits.DEFAULT);
      return OK;
    } catch (WeirException e) {
      return e.code().toString();
    }
  }

  /** The times of the sample, which the records are relative to. */
  private static ByteBuffer withTimes(ByteBuffer batch) {
    ByteBuffer sample = SampleBatch.KEYS.build(Compression.NONE);
    batch
        .putLong(BatchLayout.BASE_TIMESTAMP, sample.getLong(BatchLayout.BASE_TIMESTAMP))
        .putLong(BatchLayout.MAX_TIMESTAMP, sample.getLong(BatchLayout.MAX_TIMESTAMP));
    return RawBatch.reseal(batch);
  }

  private static Arguments row(String name, int codec, byte[] stream, String expected) {
    return Arguments.of(name, codec, stream, expected);
  }

  /** Where some record begins: streams are joined between records and within none. */
  private static int halfOfTheRecords() {
    ByteBuffer records = ByteBuffer.wrap(PLAIN);
    for (int i = 0; i < RECORDS / 2; i++) {
      int size = Varint.readInt(records);
      records.position(records.position() + size);
    }
    return records.position();
  }

  private static byte[] first() {
    return Arrays.copyOf(PLAIN, HALF);
  }

  private static byte[] second() {
    return Arrays.copyOfRange(PLAIN, HALF, PLAIN.length);
  }

  private static byte[] gzip(byte[] plain) {
    return RawBatch.compress(Compression.GZIP, plain);
  }

  private static byte[] snappy(byte[] plain) {
    return RawBatch.compress(Compression.SNAPPY, plain);
  }

  private static byte[] lz4(byte[] plain) {
    return RawBatch.compress(Compression.LZ4, plain);
  }

  private static byte[] zstd(byte[] plain) {
    return RawBatch.compress(Compression.ZSTD, plain);
  }

  /** One block without framing that says it has so many bytes decompressed, and has five. */
  private static byte[] bareSnappy(int plainBytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int rest = plainBytes; ; rest >>>= 7) {
      out.write(rest > 0x7f ? ((rest & 0x7f) | 0x80) : rest);
      if (rest <= 0x7f) {
        break;
      }
    }
    out.writeBytes(new byte[] {4 << 2, 1, 2, 3, 4, 5});
    return out.toByteArray();
  }

  private static byte[] lz4WithChecksums() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream frame =
        new LZ4FrameOutputStream(
            out,
            BLOCKSIZE.SIZE_64KB,
            -1L,
            LZ4Factory.fastestInstance().fastCompressor(),
            XXHashFactory.fastestInstance().hash32(),
            FLG.Bits.BLOCK_INDEPENDENCE,
            FLG.Bits.CONTENT_CHECKSUM)) {
      frame.write(PLAIN);
    }
    return out.toByteArray();
  }

  /** A frame that says how many bytes back it refers, whatever it does. */
  private static byte[] zstdWithWindow(int log) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZstdOutputStreamNoFinalizer stream = new ZstdOutputStreamNoFinalizer(out, 3)) {
      stream.setLong(MOST_WINDOW_LOG);
      stream.write(PLAIN);
    }
    byte[] frame = out.toByteArray();
    assertThat(frame[WINDOW_AT]).isEqualTo(windowOf(MOST_WINDOW_LOG));
    frame[WINDOW_AT] = windowOf(log);
    return frame;
  }

  private static byte windowOf(int log) {
    return (byte) ((log - 10) << 3);
  }

  private static byte[] garbage() {
    return SampleBatch.noise(3, 64);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static byte[] cut(byte[] stream, int bytes) {
    return Arrays.copyOf(stream, stream.length - bytes);
  }

  /** Negative positions count from the end. */
  private static byte[] flipped(byte[] stream, int at) {
    stream[at < 0 ? stream.length + at : at] ^= 0x55;
    return stream;
  }

  private static byte[] withInt(byte[] stream, int at, int value) {
    ByteBuffer.wrap(stream).putInt(at, value);
    return stream;
  }
}
