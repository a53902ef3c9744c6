package dev.weir.broker.group.format;

import dev.weir.broker.group.state.CommittedOffset;
import dev.weir.broker.group.state.GroupRecord;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.topic.TopicId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Committed offsets in Kafka's schema: {@code OffsetCommitKey} version 1, {@code OffsetCommitValue}
 * version 4. Ranges acknowledged beyond the offset are a tagged field of ours, which Kafka passes
 * over. Older versions of the value are read, too.
 */
final class OffsetCodec {
  static final short KEY_VERSION = 1;

  private static final short VALUE_VERSION = 4;
  private static final short FIRST_WITH_EXPIRY = 1;
  private static final short FIRST_WITH_EPOCH = 3;
  private static final int TOPIC_ID_TAG = 0;
  private static final int ACKNOWLEDGED_TAG = 1000;
  private static final TopicId NO_TOPIC_ID = new TopicId(0, 0);

  private OffsetCodec() {}

  static byte[] key(GroupRecord.OfOffset record) {
    byte[] group = record.group().getBytes(StandardCharsets.UTF_8);
    byte[] topic = record.topic().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(3 * Short.BYTES + group.length + topic.length + Integer.BYTES)
        .putShort(KEY_VERSION)
        .putShort((short) group.length)
        .put(group)
        .putShort((short) topic.length)
        .put(topic)
        .putInt(record.partition())
        .array();
  }

  static byte[] value(CommittedOffset value) {
    byte[] metadata = value.metadata().getBytes(StandardCharsets.UTF_8);
    byte[] acknowledged = acknowledged(value);
    int bound =
        Short.BYTES + 2 * Long.BYTES + Integer.BYTES + metadata.length + acknowledged.length;
    ByteBuffer out = ByteBuffer.allocate(bound + TopicId.BYTES + 7 * UnsignedVarint.MAX_BYTES);
    out.putShort(VALUE_VERSION).putLong(value.offset()).putInt(value.leaderEpoch());
    UnsignedVarint.write(out, metadata.length + 1L);
    out.put(metadata).putLong(value.commitTimestamp());
    boolean hasId = !value.topicId().equals(NO_TOPIC_ID);
    boolean hasRanges = !value.acknowledged().isEmpty();
    UnsignedVarint.write(out, (hasId ? 1 : 0) + (hasRanges ? 1 : 0));
    if (hasId) {
      UnsignedVarint.write(out, TOPIC_ID_TAG);
      UnsignedVarint.write(out, TopicId.BYTES);
      out.put(value.topicId().toBytes());
    }
    if (hasRanges) {
      UnsignedVarint.write(out, ACKNOWLEDGED_TAG);
      UnsignedVarint.write(out, acknowledged.length);
      out.put(acknowledged);
    }
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  /** Their number, then of each its distance from the end of the one before and its length. */
  private static byte[] acknowledged(CommittedOffset value) {
    ByteBuffer out =
        ByteBuffer.allocate((1 + 2 * value.acknowledged().size()) * UnsignedVarint.MAX_BYTES);
    UnsignedVarint.write(out, value.acknowledged().size());
    long end = value.offset();
    for (OffsetRange range : value.acknowledged()) {
      UnsignedVarint.write(out, range.getFirst() - end);
      UnsignedVarint.write(out, range.getLast() - range.getFirst());
      end = range.getLast() + 1;
    }
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  /**
   * Reads a record.
   *
   * @param key after its version
   */
  static GroupRecord.OfOffset read(ByteBuffer key, @Nullable ByteBuffer value) {
    String group = text(key, key.getShort());
    String topic = text(key, key.getShort());
    int partition = key.getInt();
    return new GroupRecord.OfOffset(
        group, topic, partition, value == null ? null : readValue(value));
  }

  private static CommittedOffset readValue(ByteBuffer in) {
    short version = in.getShort();
    if (version < 0 || version > VALUE_VERSION) {
      throw RecordCodec.corrupt("a committed offset has version " + version, null);
    }
    long offset = in.getLong();
    int leaderEpoch = version >= FIRST_WITH_EPOCH ? in.getInt() : -1;
    boolean flexible = version == VALUE_VERSION;
    String metadata = text(in, flexible ? UnsignedVarint.read(in) - 1 : in.getShort());
    long timestamp = in.getLong();
    if (version == FIRST_WITH_EXPIRY) {
      in.getLong();
    }
    TopicId id = NO_TOPIC_ID;
    List<OffsetRange> acknowledged = List.of();
    for (int left = flexible ? UnsignedVarint.readCount(in) : 0; left > 0; left--) {
      long tag = UnsignedVarint.read(in);
      int size = UnsignedVarint.readCount(in);
      ByteBuffer field = in.slice(in.position(), size);
      in.position(in.position() + size);
      if (tag == TOPIC_ID_TAG) {
        id = new TopicId(field.getLong(), field.getLong());
      } else if (tag == ACKNOWLEDGED_TAG) {
        acknowledged = ranges(field, offset);
      }
    }
    return new CommittedOffset(offset, leaderEpoch, metadata, timestamp, id, acknowledged);
  }

  private static List<OffsetRange> ranges(ByteBuffer in, long offset) {
    int count = UnsignedVarint.readCount(in);
    List<OffsetRange> ranges = new ArrayList<>(count);
    long end = offset;
    for (int i = 0; i < count; i++) {
      long first = end + UnsignedVarint.read(in);
      long last = first + UnsignedVarint.read(in);
      ranges.add(OffsetRange.newBuilder().setFirst(first).setLast(last).build());
      end = last + 1;
    }
    return ranges;
  }

  private static String text(ByteBuffer in, long length) {
    if (length < 0 || length > in.remaining()) {
      throw RecordCodec.corrupt("a text says it has " + length + " bytes", null);
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
