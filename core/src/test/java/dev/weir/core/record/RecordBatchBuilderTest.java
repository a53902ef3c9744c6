package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

class RecordBatchBuilderTest {
  private static final List<RecordHeader> NO_HEADERS = List.of();

  @Provide
  Arbitrary<List<SampleBatch.Sample>> records() {
    Arbitrary<byte[]> bytes =
        Arbitraries.bytes().array(byte[].class).ofMaxSize(300).injectNull(0.2);
    Arbitrary<RecordHeader> header =
        Combinators.combine(Arbitraries.strings().ofMaxLength(12), bytes).as(RecordHeader::new);
    return Combinators.combine(
            Arbitraries.longs().greaterOrEqual(-1), bytes, bytes, header.list().ofMaxSize(4))
        .as(SampleBatch.Sample::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(40);
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void everythingComesBackFromUsAndFromKafka(
      @ForAll("records") List<SampleBatch.Sample> records, @ForAll Compression codec) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 1 << 20);
    List<String> expected = new ArrayList<>();
    for (SampleBatch.Sample sample : records) {
      int before = builder.estimatedBytes();
      assertThat(append(builder, sample)).isTrue();
      assertThat((long) builder.estimatedBytes() - before)
          .isLessThanOrEqualTo(
              RecordSizes.estimate(sample.key(), sample.value(), sample.headers()));
      expected.add(withUtf8Names(sample).seen(expected.size()));
    }
    int estimated = builder.estimatedBytes();
    ByteBuffer bytes = builder.build();

    RecordBatch batch = RecordBatch.at(bytes, 0);
    BatchValidator.validate(batch, 1 << 20, 1 << 20, DecompressionLimits.DEFAULT);
    assertThat(SampleBatch.Seen.all(batch)).isEqualTo(expected);
    assertThat(batch.sizeInBytes()).isLessThanOrEqualTo(estimated);
    MutableRecordBatch kafkas = KafkaOracle.onlyBatch(bytes);
    kafkas.ensureValid();
    assertThat(KafkaOracle.read(kafkas)).isEqualTo(expected);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void aBatchNeverExceedsItsBoundUnlessOneRecordDoes(
      @ForAll("records") List<SampleBatch.Sample> records, @ForAll Compression codec) {
    int bound = 700;
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, bound);
    int read = 0;
    for (SampleBatch.Sample sample : records) {
      if (!append(builder, sample)) {
        read += requireWithin(bound, builder.build());
        assertThat(append(builder, sample)).as("the first always fits").isTrue();
      }
    }
    read += requireWithin(bound, builder.build());
    assertThat(read).isEqualTo(records.size());
  }

  @Example
  void aRecordThatDoesNotFitChangesNothing() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 100);
    assertThat(builder.append(5, null, new byte[20], NO_HEADERS)).isTrue();
    int size = builder.estimatedBytes();
    assertThat(builder.append(900, null, new byte[20], NO_HEADERS)).isFalse();

    assertThat(builder.estimatedBytes()).isEqualTo(size);
    assertThat(builder.recordCount()).isEqualTo(1);
    RecordBatch batch = RecordBatch.at(builder.build(), 0);
    assertThat(batch.sizeInBytes()).isEqualTo(size);
    assertThat(batch.maxTimestamp()).isEqualTo(5);
  }

  @Example
  void aRecordThatFitsToTheByteFits() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 61 + 2 * (7 + 20));
    assertThat(builder.append(5, null, new byte[20], NO_HEADERS)).isTrue();
    assertThat(builder.append(5, null, new byte[20], NO_HEADERS)).isTrue();
    assertThat(builder.append(5, null, new byte[0], NO_HEADERS)).isFalse();
    assertThat(builder.build().limit()).isEqualTo(61 + 2 * (7 + 20));
  }

  @Example
  void bytesThatDoNotShrinkAreStoredAsTheyAre() {
    for (Compression codec : Compression.values()) {
      RecordBatch batch = RecordBatch.at(SampleBatch.BIG.build(codec), 0);
      assertThat(batch.compression()).isEqualTo(Compression.NONE);
      assertThat(batch.crcMatches()).isTrue();
    }
  }

  @Example
  void aBuiltBatchIsIndependentOfTheNext() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1_000);
    builder.append(1, null, SampleBatch.bytes("first"), NO_HEADERS);
    builder.producer(4711, (short) 1, 5, true);
    ByteBuffer first = builder.build();
    assertThat(builder.recordCount()).isZero();
    builder.append(2, null, SampleBatch.bytes("second"), NO_HEADERS);
    ByteBuffer second = builder.build();

    assertThat(SampleBatch.Seen.all(RecordBatch.at(first, 0)))
        .containsExactly(SampleBatch.record(1, null, SampleBatch.bytes("first")).seen(0));
    assertThat(RecordBatch.at(second, 0).hasProducerId()).isFalse();
    assertThat(RecordBatch.at(second, 0).isTransactional()).isFalse();
  }

  @Example
  void clearingForgetsTheRecords() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1_000);
    builder.append(1, null, new byte[10], NO_HEADERS);
    builder.clear();

    assertThat(builder.estimatedBytes()).isEqualTo(RecordBatch.HEADER_BYTES);
    assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
  }

  @Example
  void theProducerMayBeKnownOnlyAtTheEnd() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.LZ4, 1_000);
    builder.append(1, null, new byte[500], NO_HEADERS);
    builder.producer(4711, (short) 2, 77, false);
    ByteBuffer bytes = builder.build();

    RecordBatch batch = RecordBatch.at(bytes, 0);
    assertThat(batch.crcMatches()).isTrue();
    assertThat(batch.producerId()).isEqualTo(4711);
    assertThat(batch.producerEpoch()).isEqualTo((short) 2);
    assertThat(batch.baseSequence()).isEqualTo(77);
    assertThat(batch.hasProducerId()).isTrue();
  }

  @Example
  void aFinishedBatchCanBeGivenToAnotherProducer() {
    ByteBuffer bytes = SampleBatch.IDEMPOTENT.build(Compression.ZSTD);
    ByteBuffer within = ByteBuffer.allocate(bytes.limit() + 3).position(3);
    within.put(bytes).position(3);
    RecordBatchBuilder.stampProducer(within, 99, (short) 8, 1_000);

    RecordBatch batch = RecordBatch.at(within, 3);
    KafkaOracle.onlyBatch(within).ensureValid();
    assertThat(batch.crcMatches()).isTrue();
    assertThat(batch.producerId()).isEqualTo(99);
    assertThat(batch.producerEpoch()).isEqualTo((short) 8);
    assertThat(batch.lastSequence()).isEqualTo(1_099);
    assertThat(within.position()).isEqualTo(3);
  }

  @Example
  void timestampsBelowMinusOneAreInvalid() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1_000);
    assertThatThrownBy(() -> builder.append(-2, null, null, NO_HEADERS))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_TIMESTAMP));
    assertThat(builder.recordCount()).isZero();
  }

  private static boolean append(RecordBatchBuilder builder, SampleBatch.Sample sample) {
    return builder.append(sample.timestamp(), sample.key(), sample.value(), sample.headers());
  }

  private static int requireWithin(int bound, ByteBuffer bytes) {
    RecordBatch batch = RecordBatch.at(bytes, 0);
    if (batch.recordCount() > 1) {
      assertThat(bytes.limit()).isLessThanOrEqualTo(bound);
    }
    BatchValidator.validate(batch, 1 << 20, 1 << 20, DecompressionLimits.DEFAULT);
    return batch.recordCount();
  }

  /** A lone surrogate has no UTF-8 form and becomes a question mark on the way. */
  private static SampleBatch.Sample withUtf8Names(SampleBatch.Sample sample) {
    return new SampleBatch.Sample(
        sample.timestamp(),
        sample.key(),
        sample.value(),
        sample.headers().stream()
            .map(
                h ->
                    new RecordHeader(
                        new String(SampleBatch.bytes(h.key()), StandardCharsets.UTF_8), h.value()))
            .toList());
  }
}
