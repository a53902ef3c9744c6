package dev.weir.core.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** The kinds of batches on which our reader and writer and Kafka's are compared. */
enum SampleBatch {
  KEYS(plain(50, i -> record(1_000 + i, bytes("key-" + i), bytes("value number " + i)))),
  NULLS(
      List.of(
          record(5, null, null),
          record(5, bytes(""), null),
          record(5, null, bytes("")),
          record(5, bytes("k"), bytes("v")))),
  HEADERS(
      plain(
          20,
          i ->
              record(
                  7,
                  bytes("k" + i),
                  bytes("v"),
                  new RecordHeader("trace", bytes("id-" + i)),
                  new RecordHeader("", null),
                  new RecordHeader("trace", bytes("")),
                  new RecordHeader("größe-尺寸-𝄞", bytes("x".repeat(200)))))),
  TIMES(
      List.of(
          record(1_700_000_000_000L, null, bytes("first")),
          record(1_600_000_000_000L, null, bytes("a year before")),
          record(1_800_000_000_000L, null, bytes("years after")),
          record(0, null, bytes("the epoch")))),
  NO_TIMES(plain(3, i -> record(-1, null, bytes("v" + i)))),
  BIG(plain(4, i -> record(9, bytes("k"), noise(i, 300_000)))),
  MANY(plain(5_000, i -> record(i, null, bytes("line " + i % 7)))),
  IDEMPOTENT(plain(100, i -> record(i, bytes("k"), bytes("value " + i))), 4711, (short) 3, 90),
  TRANSACTIONAL(
      plain(100, i -> record(i, bytes("k"), bytes("value " + i))), 1L << 40, (short) 0, 0);

  @SuppressWarnings("ImmutableEnumChecker") // never changed
  final List<Sample> records;

  final long producerId;
  final short producerEpoch;
  final int baseSequence;

  SampleBatch(List<Sample> records) {
    this(records, -1, (short) -1, -1);
  }

  SampleBatch(List<Sample> records, long producerId, short producerEpoch, int baseSequence) {
    this.records = records;
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.baseSequence = baseSequence;
  }

  boolean transactional() {
    return this == TRANSACTIONAL;
  }

  /** As our builder makes it. */
  ByteBuffer build(Compression compression) {
    RecordBatchBuilder builder = new RecordBatchBuilder(compression, 2 << 20);
    for (Sample sample : records) {
      builder.append(sample.timestamp(), sample.key(), sample.value(), sample.headers());
    }
    if (producerId >= 0) {
      builder.producer(producerId, producerEpoch, baseSequence, transactional());
    }
    return builder.build();
  }

  /** One record to be written. */
  @SuppressWarnings("ArrayRecordComponent")
  record Sample(long timestamp, byte[] key, byte[] value, List<RecordHeader> headers) {
    /** Everything a reader can see, in a form that compares. */
    String seen(long offset) {
      return Seen.of(offset, timestamp, key, value, headers);
    }
  }

  static Sample record(long timestamp, byte[] key, byte[] value, RecordHeader... headers) {
    return new Sample(timestamp, key, value, List.of(headers));
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Bytes no codec makes smaller. */
  static byte[] noise(long seed, int size) {
    byte[] noise = new byte[size];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  private static List<Sample> plain(int count, IntFunction<Sample> each) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(each.apply(i));
    }
    return samples;
  }

  /** A record as text. */
  static final class Seen {
    private Seen() {}

    static String of(
        long offset, long timestamp, byte[] key, byte[] value, List<RecordHeader> headers) {
      StringBuilder text = new StringBuilder();
      text.append(offset).append('@').append(timestamp).append(' ').append(digest(key));
      text.append('=').append(digest(value));
      for (RecordHeader header : headers) {
        text.append(' ').append(header.key()).append(':').append(digest(header.value()));
      }
      return text.toString();
    }

    static List<String> all(RecordBatch batch) {
      List<String> seen = new ArrayList<>();
      try (RecordCursor cursor = batch.records(DecompressionLimits.DEFAULT)) {
        while (cursor.next()) {
          seen.add(
              of(
                  cursor.offset(),
                  cursor.timestamp(),
                  cursor.keyBytes(),
                  cursor.valueBytes(),
                  cursor.headers()));
        }
      }
      return seen;
    }

    private static String digest(byte[] bytes) {
      if (bytes == null) {
        return "null";
      }
      return bytes.length > 100
          ? bytes.length + "#" + Arrays.hashCode(bytes)
          : Arrays.toString(bytes);
    }
  }
}
