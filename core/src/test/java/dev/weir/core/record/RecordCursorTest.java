package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCursorTest {
  /** Offset delta 0, one byte "a" as value: length, attributes, four numbers, value, headers. */
  private static final byte[] ONE_RECORD = {14, 0, 0, 0, 1, 2, 'a', 0};

  enum Memory {
    HEAP,
    HEAP_READ_ONLY,
    DIRECT,
    DIRECT_READ_ONLY,
    SLICE;

    ByteBuffer hold(ByteBuffer bytes) {
      return switch (this) {
        case HEAP -> bytes.duplicate();
        case HEAP_READ_ONLY -> bytes.asReadOnlyBuffer();
        case DIRECT -> ByteBuffer.allocateDirect(bytes.limit()).put(bytes.duplicate()).flip();
        case DIRECT_READ_ONLY -> DIRECT.hold(bytes).asReadOnlyBuffer();
        case SLICE ->
            ByteBuffer.allocate(bytes.limit() + 9)
                .position(5)
                .put(bytes.duplicate())
                .flip()
                .slice(5, bytes.limit());
      };
    }
  }

  static Stream<Arguments> everyMemoryWithEveryCodec() {
    return Stream.of(Memory.values())
        .flatMap(memory -> Stream.of(Compression.values()).map(c -> Arguments.of(memory, c)));
  }

  @ParameterizedTest
  @MethodSource("everyMemoryWithEveryCodec")
  void readsFromAnyKindOfBuffer(Memory memory, Compression codec) {
    ByteBuffer bytes = SampleBatch.HEADERS.build(codec);

    RecordBatch batch = RecordBatch.at(memory.hold(bytes), 0);
    assertThat(batch.crcMatches()).isTrue();
    BatchValidator.validate(batch, 1 << 20, 1 << 20, DecompressionLimits.DEFAULT);
    assertThat(SampleBatch.Seen.all(batch))
        .isEqualTo(SampleBatch.Seen.all(RecordBatch.at(bytes, 0)))
        .hasSize(SampleBatch.HEADERS.records.size());
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void keyAndValueAreReadOnlyViews(Compression codec) {
    try (RecordCursor cursor = open(SampleBatch.MANY.build(codec))) {
      assertThat(cursor.next()).isTrue();
      ByteBuffer value = cursor.value();
      assertThat(value).isEqualTo(ByteBuffer.wrap(SampleBatch.bytes("line 0")));
      assertThatThrownBy(() -> value.put(0, (byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
      assertThat(cursor.key()).isNull();
      assertThat(cursor.keyBytes()).isNull();
      assertThat(cursor.keySize()).isEqualTo(-1);
      byte[] copy = new byte[10];
      cursor.copyValue(copy, 2);
      assertThat(new String(copy, 2, 6, StandardCharsets.UTF_8)).isEqualTo("line 0");
    }
  }

  @Test
  void aNullValueCannotBeCopied() {
    try (RecordCursor cursor = open(SampleBatch.NULLS.build(Compression.NONE))) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.valueSize()).isEqualTo(-1);
      assertThat(cursor.value()).isNull();
      assertThatThrownBy(() -> cursor.copyValue(new byte[1], 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void thePayloadIsKeyValueAndEncodedHeaders() {
    try (RecordCursor cursor = open(SampleBatch.KEYS.build(Compression.NONE))) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.payloadSize()).isEqualTo("key-0".length() + "value number 0".length());
    }
  }

  @Test
  void offsetsMayHaveGapsWhereCompactionTookRecords() {
    byte[] records = {14, 0, 0, 4, 1, 2, 'a', 0, 14, 0, 0, 20, 1, 2, 'b', 0};
    ByteBuffer bytes = RawBatch.of(0, 2, records);
    RecordBatch.place(bytes, 0, 100, 1);
    RawBatch.reseal(bytes.putInt(BatchLayout.LAST_OFFSET_DELTA, 12));

    try (RecordCursor cursor = open(bytes)) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.offset()).isEqualTo(102);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.offset()).isEqualTo(110);
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void offsetsThatDoNotRiseAreCorrupt() {
    assertCorrupt(RawBatch.of(0, 2, join(ONE_RECORD, ONE_RECORD)), "offset delta 0");
  }

  @Test
  void anOffsetBeyondTheLastIsCorrupt() {
    assertCorrupt(RawBatch.of(0, 1, new byte[] {14, 0, 0, 2, 1, 2, 'a', 0}), "offset delta 1");
    assertCorrupt(RawBatch.of(0, 1, new byte[] {14, 0, 0, 1, 1, 2, 'a', 0}), "offset delta -1");
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void bytesAfterTheLastRecordAreCorrupt(Compression codec) {
    assertCorrupt(
        RawBatch.of(codec, 1, join(ONE_RECORD, new byte[] {0})), "bytes follow the last record");
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void fewerRecordsThanTheHeaderSaysAreCorrupt(Compression codec) {
    assertCorrupt(RawBatch.of(codec, 2, ONE_RECORD), codec == Compression.NONE ? "2 records" : "");
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void aNegativeNumberOfRecordsIsCorrupt(Compression codec) {
    assertCorrupt(RawBatch.of(codec, -1, ONE_RECORD), "negative");
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void everyLengthThatLiesIsCorrupt(Compression codec) {
    long big = Integer.MAX_VALUE;
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(big, 0, 0, 0, -1, -1, 0)), "");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(-1, 0, 0, 0, -1, -1, 0)), "-1 bytes");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(10, 0, 0, 0, big, -1, 0)), "key");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(6, 0, 0, 0, -2, -1, 0)), "key");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(10, 0, 0, 0, -1, big, 0)), "value");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(10, 0, 0, 0, -1, -1, big)), "headers");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(6, 0, 0, 0, -1, -1, -1)), "headers");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(8, 0, 0, 0, -1, -1, 1, -1, -1)), "name");
    assertCorrupt(RawBatch.of(codec, 1, RawBatch.varints(7, 0, 0, 0, -1, -1, 0, 0)), "follow");
  }

  @ParameterizedTest
  @EnumSource(
      value = Compression.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE"})
  void aCompressedStreamThatIsCutOffIsCorrupt(Compression codec) {
    byte[] plain = RawBatch.recordsOf(SampleBatch.MANY.build(Compression.NONE));
    byte[] whole = RawBatch.compress(codec, plain);
    for (int size : new int[] {0, 1, 7, whole.length / 2, whole.length - 1}) {
      assertCorrupt(
          RawBatch.of(codec.id(), SampleBatch.MANY.records.size(), truncate(whole, size)), "");
    }
  }

  @Test
  void snappyWithoutFramingIsReadAsOneBlock() throws Exception {
    byte[] plain = RawBatch.recordsOf(SampleBatch.MANY.build(Compression.NONE));
    byte[] bare = org.xerial.snappy.Snappy.compress(plain);

    RecordBatch batch = RecordBatch.at(RawBatch.of(2, SampleBatch.MANY.records.size(), bare), 0);
    assertThat(SampleBatch.Seen.all(batch)).hasSize(SampleBatch.MANY.records.size());
  }

  @Test
  void tellsWhatItsDecompressorHolds() throws Exception {
    byte[] plain = RawBatch.recordsOf(SampleBatch.MANY.build(Compression.NONE));
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    try (OutputStream lz4 =
        new LZ4FrameOutputStream(
            frame,
            LZ4FrameOutputStream.BLOCKSIZE.SIZE_4MB,
            LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE)) {
      lz4.write(plain);
    }
    int records = SampleBatch.MANY.records.size();
    RecordBatch large = RecordBatch.at(RawBatch.of(3, records, frame.toByteArray()), 0);
    try (RecordCursor cursor = large.records(DecompressionLimits.DEFAULT)) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.heldBytes()).isGreaterThan(8 << 20);
      while (cursor.next()) {
        // the last one closes it
      }
      assertThat(cursor.heldBytes()).isZero();
    }
    for (Compression codec : Compression.values()) {
      try (RecordCursor cursor =
          RecordBatch.at(SampleBatch.MANY.build(codec), 0).records(DecompressionLimits.DEFAULT)) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.heldBytes()).as("%s", codec).isBetween(0L, 1L << 20);
      }
    }
  }

  @Test
  void joinedSnappyStreamsAreReadAsOne() {
    byte[] plain = RawBatch.recordsOf(SampleBatch.MANY.build(Compression.NONE));
    byte[] first = truncate(plain, 1_000);
    byte[] second = Arrays.copyOfRange(plain, 1_000, plain.length);
    byte[] joined =
        join(
            RawBatch.compress(Compression.SNAPPY, first),
            RawBatch.compress(Compression.SNAPPY, second));

    RecordBatch batch = RecordBatch.at(RawBatch.of(2, SampleBatch.MANY.records.size(), joined), 0);
    assertThat(SampleBatch.Seen.all(batch)).hasSize(SampleBatch.MANY.records.size());
  }

  @Test
  void decompressionIsClosedAfterTheLastRecord() {
    ClosingStream stream = new ClosingStream(ONE_RECORD);
    RecordCursor cursor = openOn(stream);

    assertThat(cursor.next()).isTrue();
    assertThat(stream.closed).isZero();
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.next()).isFalse();
    cursor.close();
    assertThat(stream.closed).isEqualTo(1);
  }

  @Test
  void decompressionIsClosedWhenARecordIsCorrupt() {
    ClosingStream stream = new ClosingStream(new byte[] {14, 0, 0, 0, 90, 2, 'a', 0});
    RecordCursor cursor = openOn(stream);

    assertThatThrownBy(cursor::next).isInstanceOf(WeirException.class);
    assertThat(stream.closed).isEqualTo(1);
    assertThat(cursor.next()).isFalse();
  }

  @Test
  void decompressionIsClosedWhenTheReaderStopsEarly() {
    ClosingStream stream = new ClosingStream(ONE_RECORD);
    try (RecordCursor cursor = openOn(stream)) {
      assertThat(cursor.next()).isTrue();
    }
    assertThat(stream.closed).isEqualTo(1);
  }

  @Test
  void whateverACodecThrowsTheBatchIsCorrupt() {
    InputStream broken =
        new ByteArrayInputStream(new byte[0]) {
          @Override
          public synchronized int read(byte[] target, int at, int length) {
            throw new IndexOutOfBoundsException("deep inside");
          }
        };

    assertThatThrownBy(openOn(broken)::next)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_BATCH))
        .hasMessageContaining("deep inside");
  }

  private static RecordCursor open(ByteBuffer batch) {
    return RecordBatch.at(batch, 0).records(DecompressionLimits.DEFAULT);
  }

  private static RecordCursor openOn(InputStream inflated) {
    Codec codec =
        new Codec() {
          @Override
          public InputStream reader(ByteBuffer compressed, long cap) {
            return inflated;
          }

          @Override
          public void write(byte[] source, int from, int length, BoundedOutput out) {
            throw new UnsupportedOperationException();
          }
        };
    RecordBatch batch = RecordBatch.at(RawBatch.of(0, 1, ONE_RECORD), 0);
    return new RecordCursor(
        batch,
        InflatedRecords.open(
            codec, batch.buffer().position(61), DecompressionLimits.DEFAULT, 1 << 20));
  }

  private static void assertCorrupt(ByteBuffer batch, String named) {
    assertThatThrownBy(() -> SampleBatch.Seen.all(RecordBatch.at(batch, 0)))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_BATCH))
        .hasMessageContaining(named);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static byte[] truncate(byte[] bytes, int size) {
    return Arrays.copyOf(bytes, size);
  }

  private static final class ClosingStream extends ByteArrayInputStream {
    int closed;

    ClosingStream(byte[] bytes) {
      super(bytes);
    }

    @Override
    public void close() {
      closed++;
    }
  }
}
