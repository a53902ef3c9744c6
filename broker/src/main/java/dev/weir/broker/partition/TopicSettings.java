package dev.weir.broker.partition;

import dev.weir.broker.setting.Setting;
import dev.weir.broker.setting.Values;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.replication.ReplicaSettings;
import dev.weir.storage.CompactionSettings;
import dev.weir.storage.LogSettings;
import dev.weir.storage.RetentionSettings;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The settings a topic has; their names and meanings are Kafka's wherever Kafka has the same. */
public final class TopicSettings {
  static final String SEGMENT_BYTES = "segment.bytes";
  static final String SEGMENT_MS = "segment.ms";
  static final String SEGMENT_JITTER_MS = "segment.jitter.ms";
  static final String INDEX_INTERVAL_BYTES = "index.interval.bytes";
  static final String MAX_MESSAGE_BYTES = "max.message.bytes";
  static final String MAX_RECORD_BYTES = "max.record.bytes";
  static final String TIMESTAMP_TYPE = "message.timestamp.type";
  static final String TIMESTAMP_BEFORE_MAX_MS = "message.timestamp.before.max.ms";
  static final String TIMESTAMP_AFTER_MAX_MS = "message.timestamp.after.max.ms";
  static final String DURABILITY = "durability";
  public static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
  static final String FLUSH_MS = "flush.ms";
  static final String FLUSH_BYTES = "flush.bytes";
  static final String FLUSH_MESSAGES = "flush.messages";
  static final String CLEANUP_POLICY = "cleanup.policy";
  static final String MIN_CLEANABLE_DIRTY_RATIO = "min.cleanable.dirty.ratio";
  static final String MIN_COMPACTION_LAG_MS = "min.compaction.lag.ms";
  static final String MAX_COMPACTION_LAG_MS = "max.compaction.lag.ms";
  static final String DELETE_RETENTION_MS = "delete.retention.ms";
  static final String RETENTION_MS = "retention.ms";
  static final String RETENTION_BYTES = "retention.bytes";
  static final String PRODUCER_EXPIRATION_MS = "producer.id.expiration.ms";

  private static final long MIB = 1 << 20;
  private static final Map<String, Setting> ALL = new LinkedHashMap<>();
  private static final Map<String, String> NOT_HERE = new LinkedHashMap<>();

  static {
    LogSettings log = LogSettings.DEFAULTS;
    ReplicaSettings replica = ReplicaSettings.DEFAULTS;
    RetentionSettings retention = RetentionSettings.DEFAULTS;
    CompactionSettings compaction = CompactionSettings.DEFAULTS;
    number(
        MAX_MESSAGE_BYTES,
        log.maxMessageBytes(),
        61,
        15 * MIB,
        "Largest batch as it is sent, compressed or not; a larger one is refused BATCH_TOO_LARGE.",
        "Small: large records do not fit. Large: a reader needs memory for a batch of this size.");
    number(
        MAX_RECORD_BYTES,
        log.maxRecordBytes(),
        1,
        8 * MIB,
        "Largest record: bytes of its key, value and headers after decompression; a larger one is"
            + " refused RECORD_TOO_LARGE.",
        "Small: producers are refused. Large: every reader needs memory for a record of this size.");
    choice(
        TIMESTAMP_TYPE,
        "CreateTime",
        "Whose clock sets the time of a record: the producer's or, at the append, the broker's.",
        "LogAppendTime");
    number(
        TIMESTAMP_BEFORE_MAX_MS,
        log.timestampBounds().beforeMaxMillis(),
        0,
        Long.MAX_VALUE,
        "How far behind the broker's clock a producer's time may be; beyond it the batch is refused"
            + " INVALID_TIMESTAMP. Not with LogAppendTime.",
        "Small: records of the past cannot be loaded, delayed ones are refused. Large: records may"
            + " be old enough to be deleted at once.");
    number(
        TIMESTAMP_AFTER_MAX_MS,
        log.timestampBounds().afterMaxMillis(),
        0,
        Long.MAX_VALUE,
        "How far ahead of the broker's clock a producer's time may be; as above.",
        "Small: producers whose clocks run ahead are refused. Large: a wrong clock keeps records"
            + " for too long and spoils searches by time.");
    choice(
        DURABILITY,
        "fsync",
        "What acks=all means: on stable storage, or in the page cache of every in-sync replica"
            + " (replicated), where a power cut of all of them loses the last seconds.",
        "replicated");
    number(
        MIN_INSYNC_REPLICAS,
        replica.minInSyncReplicas(),
        1,
        Short.MAX_VALUE,
        "acks=all is refused NOT_ENOUGH_REPLICAS while fewer replicas are in sync; not more than"
            + " the topic's replication factor.",
        "Small: an acknowledged record may be on one machine only. Large: few failures stop"
            + " producers.");
    number(
        FLUSH_MS,
        replica.flushInterval().toMillis(),
        1,
        Long.MAX_VALUE,
        "durability=replicated: what is written is flushed at the latest after this.",
        "Small: more fsync. Large: a power cut loses more.");
    number(
        FLUSH_BYTES,
        replica.flushBytes(),
        1,
        Long.MAX_VALUE,
        "durability=replicated: so many bytes that are not flushed start a flush.",
        "As flush.ms.");
    number(
        FLUSH_MESSAGES,
        replica.flushMessages(),
        1,
        Long.MAX_VALUE,
        "durability=replicated: so many records that are not flushed start a flush.",
        "As flush.ms.");
    choice(
        CLEANUP_POLICY,
        "delete",
        "Whether old records are deleted, compacted by key (the last record of each key stays, at"
            + " its offset), or both. A batch with a record without a key is then refused"
            + " INVALID_RECORD, and such records that are there already go with the next"
            + " compaction.",
        "compact",
        "compact,delete",
        "delete,compact");
    number(
        RETENTION_MS,
        retention.maxAge().toMillis(),
        -1,
        Long.MAX_VALUE,
        "A segment is deleted when its newest record is older; -1: never for its age. A segment"
            + " that is still being written goes too, once all of it is older.",
        "Small: consumers that are late lose records. Large: the disk fills.");
    number(
        RETENTION_BYTES,
        -1,
        -1,
        Long.MAX_VALUE,
        "The oldest segments of a partition are deleted while those after them have so many bytes;"
            + " -1: never for their size.",
        "Small: consumers that are late lose records. Large: the disk fills. A partition may have a"
            + " segment more than this.");
    ALL.put(
        MIN_CLEANABLE_DIRTY_RATIO,
        new Setting(
            MIN_CLEANABLE_DIRTY_RATIO,
            new Values.Share(),
            Double.toString(compaction.minDirtyRatio()),
            "A partition is compacted when this share of its completed segments has not been yet.",
            "Small: the same records are copied again and again. Large: records that are replaced"
                + " take space for longer."));
    number(
        MIN_COMPACTION_LAG_MS,
        compaction.minLag().toMillis(),
        0,
        Long.MAX_VALUE,
        "A record is not compacted away before this; not more than max.compaction.lag.ms.",
        "Small: consumers that are late miss values in between. Large: records that are replaced"
            + " take space for longer.");
    number(
        MAX_COMPACTION_LAG_MS,
        compaction.maxLag().toMillis(),
        1,
        Long.MAX_VALUE,
        "After this a record may be compacted away however little there is to gain; the segment"
            + " being written is completed for it.",
        "Small: the same records are copied again and again, and there are many files. Large: what"
            + " was deleted or replaced stays on the disk for as long.");
    number(
        DELETE_RETENTION_MS,
        compaction.deleteRetention().toMillis(),
        0,
        Long.MAX_VALUE,
        "How long compaction keeps a tombstone after it has removed what it deletes, and the marker"
            + " that ended a transaction after nothing is left of it.",
        "Small: a consumer that reads from the earliest may miss a deletion. Large: tombstones take"
            + " space.");
    number(
        SEGMENT_BYTES,
        log.segmentBytes(),
        1024,
        Integer.MAX_VALUE,
        "A segment file is completed before it grows beyond this; a larger batch gets a segment of"
            + " its own.",
        "Small: many files. Large: records are deleted in large steps, and a start after a crash"
            + " reads more.");
    number(
        SEGMENT_MS,
        retention.segmentAge().toMillis(),
        1,
        Long.MAX_VALUE,
        "A segment is completed when its first batch is older.",
        "Small: many files. Large: records outlive retention.ms by so much where few are written.");
    number(
        SEGMENT_JITTER_MS,
        retention.segmentJitter().toMillis(),
        0,
        Long.MAX_VALUE,
        "A segment is completed up to so much before segment.ms, each at another moment; more than"
            + " segment.ms counts as segment.ms.",
        "Small: partitions that began together complete their segments together. Large: segments"
            + " are smaller.");
    number(
        INDEX_INTERVAL_BYTES,
        log.indexIntervalBytes(),
        0,
        Integer.MAX_VALUE,
        "Bytes of log between two entries of a segment's indexes.",
        "Small: larger indexes, in memory too. Large: more is read to find an offset or a time.");
    number(
        PRODUCER_EXPIRATION_MS,
        retention.producerExpiration().toMillis(),
        1,
        Long.MAX_VALUE,
        "A producer that has not appended for so long is forgotten, and with it which of its batches"
            + " were there already.",
        "Small: a retry after a long break may store a batch twice or be refused. Large: memory for"
            + " producers that do not come back.");
    choice(
        "compression.type",
        "producer",
        "The producer's bytes stay as they are; a broker never compresses.");
    choice(
        "unclean.leader.election.enable",
        "false",
        "Whether a replica that is not in sync may lead when no other is left, at the cost of"
            + " acknowledged records.",
        "true");

    String compression = "a broker keeps the producer's bytes and compresses nothing";
    String tiers = "there is no tiered storage";
    NOT_HERE.put("compression.gzip.level", compression);
    NOT_HERE.put("compression.lz4.level", compression);
    NOT_HERE.put("compression.zstd.level", compression);
    NOT_HERE.put("file.delete.delay.ms", "files go at once, readers keep what they have open");
    NOT_HERE.put("local.retention.bytes", tiers);
    NOT_HERE.put("local.retention.ms", tiers);
    NOT_HERE.put("message.downconversion.enable", "there is one record format");
    NOT_HERE.put("preallocate", "files grow with what is written");
    NOT_HERE.put("remote.log.copy.disable", tiers);
    NOT_HERE.put("remote.log.delete.on.disable", tiers);
    NOT_HERE.put("remote.storage.enable", tiers);
    NOT_HERE.put("segment.index.bytes", "indexes grow with their segment");
  }

  private TopicSettings() {}

  /** In the order of the reference page. */
  public static Collection<Setting> all() {
    return Collections.unmodifiableCollection(ALL.values());
  }

  /** Settings that Kafka has and that mean nothing here, with the reason. */
  public static Map<String, String> notHere() {
    return Collections.unmodifiableMap(NOT_HERE);
  }

  /** INVALID_CONFIG when there is no setting of this name. */
  static Setting require(String name) {
    @Nullable Setting setting = ALL.get(name);
    if (setting != null) {
      return setting;
    }
    @Nullable String reason = NOT_HERE.get(name);
    throw new WeirException(
        ErrorCode.INVALID_CONFIG,
        reason != null
            ? "topic setting '%s' has no meaning here: %s".formatted(name, reason)
            : "there is no topic setting '%s'; there are %s"
                .formatted(name, new TreeSet<>(ALL.keySet())));
  }

  private static void number(
      String name, long orElse, long min, long max, String meaning, String extremes) {
    Values values = new Values.WholeNumber(min, max);
    ALL.put(name, new Setting(name, values, Long.toString(orElse), meaning, extremes));
  }

  private static void choice(String name, String orElse, String meaning, String... others) {
    String[] words = new String[others.length + 1];
    words[0] = orElse;
    System.arraycopy(others, 0, words, 1, others.length);
    ALL.put(name, new Setting(name, Values.OneOf.of(words), orElse, meaning, ""));
  }
}
