package dev.weir.broker.group.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.group.state.CommittedOffset;
import dev.weir.broker.group.state.GroupFacts;
import dev.weir.broker.group.state.GroupRecord;
import dev.weir.broker.group.state.MemberFacts;
import dev.weir.broker.group.state.PartitionId;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.topic.TopicId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
  private static final UUID TOPIC = new UUID(0x1234_5678L, 0x9abc_def0L);
  private static final GroupRecord.OfOffset OFFSET =
      new GroupRecord.OfOffset(
          "gruppe-ä",
          "orders",
          7,
          new CommittedOffset(
              42, 3, "wo ich war", 1_700_000_000_123L, TopicId.of(TOPIC), ranges(44, 45, 50, 90)));

  @Test
  void kafkaReadsOurOffsets() {
    var read =
        new GroupCoordinatorRecordSerde()
            .deserialize(
                ByteBuffer.wrap(RecordCodec.key(OFFSET)),
                ByteBuffer.wrap(Objects.requireNonNull(RecordCodec.value(OFFSET))));

    OffsetCommitKey key = (OffsetCommitKey) read.key();
    assertThat(key.group()).isEqualTo("gruppe-ä");
    assertThat(key.topic()).isEqualTo("orders");
    assertThat(key.partition()).isEqualTo(7);
    OffsetCommitValue value = (OffsetCommitValue) Objects.requireNonNull(read.value()).message();
    assertThat(value.offset()).isEqualTo(42);
    assertThat(value.leaderEpoch()).isEqualTo(3);
    assertThat(value.metadata()).isEqualTo("wo ich war");
    assertThat(value.commitTimestamp()).isEqualTo(1_700_000_000_123L);
    assertThat(value.topicId())
        .isEqualTo(new Uuid(TOPIC.getMostSignificantBits(), TOPIC.getLeastSignificantBits()));
    assertThat(value.unknownTaggedFields()).hasSize(1);
  }

  @Test
  void kafkaWritesWhatWeWriteWithoutOurRanges() {
    GroupRecord.OfOffset plain =
        new GroupRecord.OfOffset(
            "g", "t", 0, new CommittedOffset(9, -1, "", 5, TopicId.of(TOPIC), List.of()));
    byte[] kafkas =
        bytes(
            new OffsetCommitValue()
                .setOffset(9)
                .setMetadata("")
                .setCommitTimestamp(5)
                .setTopicId(
                    new Uuid(TOPIC.getMostSignificantBits(), TOPIC.getLeastSignificantBits())),
            (short) 4);

    assertThat(RecordCodec.value(plain)).isEqualTo(kafkas);
    OffsetCommitKey key = new OffsetCommitKey().setGroup("g").setTopic("t").setPartition(0);
    assertThat(RecordCodec.key(plain)).isEqualTo(MessageUtil.toCoordinatorTypePrefixedBytes(key));
  }

  @Test
  void readsKafkasOlderOffsets() {
    for (short version = 0; version <= 4; version++) {
      OffsetCommitValue value =
          new OffsetCommitValue().setOffset(8).setMetadata("m").setCommitTimestamp(6);
      GroupRecord read =
          RecordCodec.read(
              ByteBuffer.wrap(RecordCodec.key(OFFSET)), ByteBuffer.wrap(bytes(value, version)));

      assertThat(read).isInstanceOf(GroupRecord.OfOffset.class);
      CommittedOffset committed =
          Objects.requireNonNull(((GroupRecord.OfOffset) Objects.requireNonNull(read)).value());
      assertThat(committed.offset()).isEqualTo(8);
      assertThat(committed.metadata()).isEqualTo("m");
      assertThat(committed.commitTimestamp()).isEqualTo(6);
    }
  }

  @Test
  void everyKindComesBackAsItWas() {
    TreeSet<PartitionId> owned =
        new TreeSet<>(
            Set.of(
                new PartitionId(TopicId.of(TOPIC), 0),
                new PartitionId(TopicId.of(TOPIC), 300),
                new PartitionId(new TopicId(1, 1), 2)));
    TreeSet<PartitionId> draining = new TreeSet<>(Set.of(new PartitionId(new TopicId(1, 1), 2)));
    for (GroupRecord record :
        List.of(
            OFFSET,
            new GroupRecord.OfOffset("g", "t", 1, null),
            new GroupRecord.OfGroup("g", new GroupFacts(17, "range", 1_234)),
            new GroupRecord.OfGroup("g", null),
            new GroupRecord.OfMember(
                "g",
                "m",
                new MemberFacts(
                    "i", 5, 4, new TreeSet<>(Set.of("a", "b")), 1, 2, "c", owned, draining)),
            new GroupRecord.OfMember("g", "m", null))) {
      assertThat(reread(RecordCodec.key(record), RecordCodec.value(record))).isEqualTo(record);
    }
  }

  @Test
  void recordsOfUnknownKindsArePassedOver() {
    assertThat(reread(new byte[] {0, 3, 1, 2}, null)).isNull();
  }

  @Property
  void damagedRecordsAreRefusedOrReadButNeverAnythingElse(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] key = RecordCodec.key(OFFSET);
    byte[] value = Objects.requireNonNull(RecordCodec.value(OFFSET)).clone();
    value[random.nextInt(value.length)] = (byte) random.nextInt();
    byte[] cut = Arrays.copyOf(value, random.nextInt(value.length + 1));
    try {
      assertThat(reread(key, cut)).isNotNull();
    } catch (WeirException refused) {
      assertThat(refused).hasMessageContaining("a log of consumer groups cannot be read");
    }
  }

  @Test
  void aRecordWithoutAKeyIsRefused() {
    assertThatThrownBy(() -> RecordCodec.read(null, null)).hasMessageContaining("no key");
  }

  private static @Nullable GroupRecord reread(byte[] key, byte @Nullable [] value) {
    return RecordCodec.read(ByteBuffer.wrap(key), value == null ? null : ByteBuffer.wrap(value));
  }

  private static byte[] bytes(OffsetCommitValue value, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer out = ByteBuffer.allocate(2 + value.size(cache, version));
    out.putShort(version);
    value.write(new ByteBufferAccessor(out), cache, version);
    return out.array();
  }

  private static List<OffsetRange> ranges(long... ends) {
    List<OffsetRange> ranges = new java.util.ArrayList<>();
    for (int i = 0; i < ends.length; i += 2) {
      ranges.add(OffsetRange.newBuilder().setFirst(ends[i]).setLast(ends[i + 1]).build());
    }
    return ranges;
  }
}
