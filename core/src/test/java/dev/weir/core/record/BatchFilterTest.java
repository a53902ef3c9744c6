package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchFilterTest {
  private static final long HORIZON = 1_700_000_000_000L;

  private final BatchFilter filter = new BatchFilter(DecompressionLimits.DEFAULT);

  @ParameterizedTest
  @EnumSource(Compression.class)
  void keepsOffsetsSequencesCodecAndTheBytesOfWhatStays(Compression codec) {
    RecordBatch batch = at(100, SampleBatch.IDEMPOTENT.build(codec));
    RecordBatch filtered = filter.filter(batch, record -> record.offset() % 3 == 0, HORIZON);

    assertThat(filtered.crcMatches()).isTrue();
    assertThat(filtered.compression()).isEqualTo(codec);
    assertThat(filtered.baseOffset()).isEqualTo(100);
    assertThat(filtered.lastOffset()).isEqualTo(batch.lastOffset());
    assertThat(filtered.baseSequence()).isEqualTo(batch.baseSequence());
    assertThat(filtered.lastSequence()).isEqualTo(batch.lastSequence());
    assertThat(filtered.producerEpoch()).isEqualTo(batch.producerEpoch());
    assertThat(filtered.leaderEpoch()).isEqualTo(4);
    assertThat(filtered.hasDeleteHorizon()).isFalse();
    List<String> expected = seen(batch).stream().filter(each -> offset(each) % 3 == 0).toList();
    assertThat(seen(filtered)).isEqualTo(expected).hasSize(33);
    assertThat(filtered.maxTimestamp()).isEqualTo(98);
    assertThat(seenByKafka(filtered)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void givesABatchThatKeepsATombstoneADeleteHorizonOnce(Compression codec) {
    RecordBatch batch = at(0, tombstones(codec));
    RecordBatch marked = copy(filter.filter(batch, record -> true, HORIZON));

    assertThat(marked.crcMatches()).isTrue();
    assertThat(marked.deleteHorizon()).isEqualTo(HORIZON);
    assertThat(seen(marked)).isEqualTo(seen(batch));
    assertThat(seenByKafka(marked)).isEqualTo(seen(batch));
    assertThat(kafkas(marked).deleteHorizonMs()).hasValue(HORIZON);
    assertThat(filter.filter(marked, record -> true, HORIZON + 5)).isSameAs(marked);

    RecordBatch without = filter.filter(marked, record -> record.valueSize() >= 0, HORIZON + 5);
    assertThat(without.deleteHorizon()).isEqualTo(HORIZON);
    assertThat(seenByKafka(without))
        .isEqualTo(seen(batch).stream().filter(each -> !each.endsWith("=null")).toList());
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void leavesTheHeaderOfAnEmptiedBatch(Compression codec) {
    RecordBatch batch = at(40, SampleBatch.IDEMPOTENT.build(codec));
    RecordBatch emptied = filter.filter(batch, record -> false, HORIZON);

    assertThat(emptied.sizeInBytes()).isEqualTo(RecordBatch.HEADER_BYTES);
    assertThat(emptied.crcMatches()).isTrue();
    assertThat(emptied.recordCount()).isZero();
    assertThat(emptied.lastOffset()).isEqualTo(139);
    assertThat(emptied.lastSequence()).isEqualTo(batch.lastSequence());
    assertThat(emptied.maxTimestamp()).isEqualTo(-1);
    assertThat(seenByKafka(emptied)).isEmpty();
    assertThat(filter.filter(emptied, record -> true, HORIZON)).isSameAs(emptied);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void emptiesABatchWithoutLookingAtItsRecords(Compression codec) {
    ByteBuffer bytes = SampleBatch.IDEMPOTENT.build(codec);
    RecordBatch batch = at(40, bytes);
    RecordBatch expected = copy(filter.filter(batch, record -> false, HORIZON));
    bytes.put(bytes.limit() - 1, (byte) ~bytes.get(bytes.limit() - 1));
    RecordBatch emptied = copy(filter.emptied(batch));
    assertThat(emptied.buffer()).isEqualTo(expected.buffer());
    assertThat(filter.emptied(emptied)).isSameAs(emptied);
  }

  @Test
  void givesAMarkerADeleteHorizonOnceAndKafkaStillReadsIt() {
    EndTransactionMarker commit =
        new EndTransactionMarker(ControlRecordType.COMMIT, 4711, (short) 2, 3);
    RecordBatch batch = at(77, commit.encode(1_000));
    RecordBatch marked = copy(filter.withDeleteHorizon(batch, HORIZON));

    assertThat(marked.crcMatches()).isTrue();
    assertThat(marked.deleteHorizon()).isEqualTo(HORIZON);
    assertThat(EndTransactionMarker.of(marked)).isEqualTo(commit);
    assertThat(seen(marked)).isEqualTo(seen(batch));
    assertThat(marked.maxTimestamp()).isEqualTo(1_000);
    assertThat(kafkas(marked).isControlBatch()).isTrue();
    assertThat(kafkas(marked).isTransactional()).isTrue();
    assertThat(kafkas(marked).deleteHorizonMs()).hasValue(HORIZON);
    assertThat(seenByKafka(marked)).isEqualTo(seen(batch));
    assertThat(filter.withDeleteHorizon(marked, HORIZON + 5)).isSameAs(marked);

    RecordBatch emptied = copy(filter.emptied(marked));
    assertThat(emptied.isControl()).isTrue();
    assertThat(emptied.hasDeleteHorizon()).isFalse();
    assertThat(EndTransactionMarker.of(emptied)).isNull();
    assertThat(seenByKafka(emptied)).isEmpty();
    assertThat(filter.withDeleteHorizon(emptied, HORIZON)).isSameAs(emptied);
  }

  @Test
  void keepsTheLogAppendTime() {
    ByteBuffer bytes = SampleBatch.KEYS.build(Compression.NONE);
    RecordBatch.stampLogAppendTime(bytes, 0, 5_000);
    RecordBatch filtered =
        filter.filter(RecordBatch.at(bytes, 0), record -> record.offset() == 1, HORIZON);
    assertThat(filtered.maxTimestamp()).isEqualTo(5_000);
    assertThat(seenByKafka(filtered)).isEqualTo(seen(filtered)).hasSize(1);
  }

  @Test
  void returnsTheBatchItselfWhenNothingChanges() {
    RecordBatch batch = at(0, SampleBatch.KEYS.build(Compression.ZSTD));
    assertThat(filter.filter(batch, record -> true, HORIZON)).isSameAs(batch);
  }

  @Test
  void allocatesByTheBatchNotByTheRecord() {
    RecordBatch batch = at(0, SampleBatch.MANY.build(Compression.NONE));
    BatchFilter.Choice half = record -> (record.offset() & 1) == 0;
    filter.filter(batch, half, HORIZON);
    assertThat(AllocatedBytes.during(() -> filter.filter(batch, half, HORIZON)))
        .isLessThan(SampleBatch.MANY.records.size());
  }

  private static ByteBuffer tombstones(Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 1 << 20);
    for (int i = 0; i < 20; i++) {
      byte[] value = i % 4 == 0 ? null : SampleBatch.bytes("value " + i);
      builder.append(1_600_000_000_000L - 7L * i, SampleBatch.bytes("k" + i), value, List.of());
    }
    return builder.build();
  }

  private static RecordBatch at(long offset, ByteBuffer bytes) {
    RecordBatch.place(bytes, 0, offset, 4);
    return RecordBatch.at(bytes, 0);
  }

  private static RecordBatch copy(RecordBatch batch) {
    return RecordBatch.at(ByteBuffer.allocate(batch.sizeInBytes()).put(batch.buffer()).flip(), 0);
  }

  private static long offset(String seen) {
    return Long.parseLong(seen, 0, seen.indexOf('@'), 10);
  }

  private static List<String> seen(RecordBatch batch) {
    List<String> seen = new ArrayList<>();
    try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
      while (records.next()) {
        seen.add(
            line(records.offset(), records.timestamp(), records.keyBytes(), records.valueBytes()));
      }
    }
    return seen;
  }

  private static List<String> seenByKafka(RecordBatch batch) {
    List<String> seen = new ArrayList<>();
    for (Record record : kafkas(batch)) {
      seen.add(
          line(record.offset(), record.timestamp(), bytes(record.key()), bytes(record.value())));
    }
    return seen;
  }

  private static MutableRecordBatch kafkas(RecordBatch batch) {
    MutableRecordBatch read = KafkaOracle.onlyBatch(batch.buffer());
    read.ensureValid();
    return read;
  }

  private static byte[] bytes(ByteBuffer field) {
    if (field == null) {
      return null;
    }
    byte[] bytes = new byte[field.remaining()];
    field.get(bytes);
    return bytes;
  }

  private static String line(long offset, long timestamp, byte[] key, byte[] value) {
    return offset + "@" + timestamp + " " + text(key) + "=" + text(value);
  }

  private static String text(byte[] field) {
    return field == null ? "null" : new String(field, java.nio.charset.StandardCharsets.UTF_8);
  }
}
