package dev.weir.core.error;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The errors a Weir cluster answers with. Clients decide by code and its three properties; nobody
 * parses messages.
 *
 * <p>On the wire an error is an RSocket ERROR frame with code {@code 0x1000 + number()} whose data
 * is one readable sentence; inside a produce channel it travels in the result of the batch. Numbers
 * are never reused.
 */
public enum ErrorCode {
  /** An unexpected failure in the broker; its log has the details. */
  INTERNAL(1, false, false, true),
  /** The request cannot be understood: a missing or contradictory field, an unknown option. */
  INVALID_REQUEST(2, false, false, false),
  /** No such route, or the route does not offer this interaction. */
  UNKNOWN_ROUTE(3, false, false, false),
  /** The topic does not exist (any more). */
  UNKNOWN_TOPIC(4, false, true, false),
  /** The topic exists but has no partition of that number. */
  UNKNOWN_PARTITION(5, false, true, false),
  /** A topic of that name exists already. */
  TOPIC_EXISTS(6, false, false, false),
  /** The topic's name has a character or length that is not allowed. */
  INVALID_TOPIC_NAME(7, false, false, false),
  /** A setting is unknown or its value is outside what is allowed. */
  INVALID_CONFIG(8, false, false, false),
  /** More replicas were asked for than there are brokers, or fewer than one. */
  INVALID_REPLICATION_FACTOR(9, false, false, false),
  /** This broker does not lead the partition. */
  NOT_LEADER(10, true, true, false),
  /** The caller's leader epoch is older than the partition's: the caller is fenced. */
  FENCED_LEADER_EPOCH(11, true, true, false),
  /** The caller's leader epoch is newer than this broker has heard of yet. */
  UNKNOWN_LEADER_EPOCH(12, true, true, false),
  /** The offset is below the log start offset or above the log end offset. */
  OFFSET_OUT_OF_RANGE(13, false, false, false),
  /** The batch fails its checksum, framing, counts or offsets; it was not stored. */
  CORRUPT_BATCH(14, false, false, false),
  /** The batch is larger than the topic's {@code max.message.bytes}; it was not stored. */
  BATCH_TOO_LARGE(15, false, false, false),
  /** One record is larger than the record limit; it was not stored. */
  RECORD_TOO_LARGE(16, false, false, false),
  /** The codec named in the batch is unknown. */
  UNSUPPORTED_COMPRESSION(17, false, false, false),
  /** A producer's sequence number leaves a gap: an earlier batch is missing. */
  OUT_OF_ORDER_SEQUENCE(18, false, false, false),
  /** The sequence was appended long ago; its offset is no longer remembered. It is stored, once. */
  DUPLICATE_SEQUENCE(19, false, false, false),
  /** The partition has no state for this producer id although the batch is not its first. */
  UNKNOWN_PRODUCER_ID(20, false, false, false),
  /** A newer instance of this producer has taken over: this one is fenced. */
  FENCED_PRODUCER(21, false, false, false),
  /** The in-sync set is smaller than {@code min.insync.replicas}; nothing was appended. */
  NOT_ENOUGH_REPLICAS(22, true, false, false),
  /** The operation was started and its outcome is not known. */
  OUTCOME_UNKNOWN(23, true, true, true),
  /** The partition's log is offline after a disk error. */
  STORAGE_OFFLINE(24, true, true, true),
  /** The disk is full; the batch was not stored. */
  STORAGE_FULL(25, true, false, false),
  /** The broker is shutting down; nothing was appended. */
  SHUTTING_DOWN(26, true, true, false),
  /** The deadline passed before an answer came. */
  TIMED_OUT(27, true, true, true),
  /** A bound of the broker is reached; try again later. */
  OVERLOADED(28, true, false, false),
  /** A long subscription has to be renewed from the next offset; nothing is wrong. */
  RESUBSCRIBE(29, true, false, false),
  /** The credentials are missing or wrong. */
  UNAUTHENTICATED(30, false, false, false),
  /** The principal may not do this. */
  UNAUTHORIZED(31, false, false, false),
  /** The connection broke before an answer came. */
  CONNECTION_LOST(32, true, true, true),
  /** A record's timestamp is outside what the topic allows. */
  INVALID_TIMESTAMP(33, false, false, false),
  /** The metadata changed in between: the expected version is not the current one. */
  VERSION_CONFLICT(34, true, true, false),
  /** The client, producer or consumer was closed. */
  CLOSED(35, false, false, false),
  /** A message or frame is larger than the limit of the connection. */
  MESSAGE_TOO_LARGE(36, false, false, false),
  /** No broker could be reached in time; nothing was sent. */
  BROKER_UNAVAILABLE(37, true, true, false),
  /** The topic's settings forbid this operation. */
  POLICY_VIOLATION(38, false, false, false),
  /** The batch does not fit to the producer's transaction; it was not stored. */
  INVALID_TRANSACTION_STATE(39, false, false, false),
  /** A newer transaction coordinator has written to this partition: this one is fenced. */
  FENCED_COORDINATOR(40, false, false, false),
  /** A record lacks what its topic asks for, a key; the batch was not stored. */
  INVALID_RECORD(41, false, false, false),
  /** This broker does not coordinate the group. */
  NOT_COORDINATOR(42, true, true, false),
  /** The coordinator is still reading what it has to know; ask again. */
  COORDINATOR_LOADING(43, true, false, false),
  /** There is no such group. */
  UNKNOWN_GROUP(44, false, false, false),
  /** The group has members: only they may commit, and it cannot be deleted. */
  GROUP_NOT_EMPTY(45, false, false, false),
  /** The member is not in its group (any more): join again as a new one. */
  UNKNOWN_MEMBER(46, false, false, false),
  /** A newer join of this member or of its instance has taken over: this one is fenced. */
  FENCED_MEMBER_EPOCH(47, false, false, false),
  /** The partition is not assigned to the member: its offset was not stored. */
  NOT_OWNER(48, false, false, false);

  /**
   * Wire codes are {@code WIRE_BASE + number()}; RSocket reserves codes below 0x0301 for itself.
   */
  public static final int WIRE_BASE = 0x1000;

  private static final Map<Integer, ErrorCode> BY_NUMBER = new HashMap<>();

  static {
    for (ErrorCode code : values()) {
      if (BY_NUMBER.put(code.number, code) != null) {
        throw new IllegalStateException("error number used twice: " + code.number);
      }
    }
  }

  private final int number;
  private final boolean retriable;
  private final boolean refreshMetadata;
  private final boolean mayHaveBeenApplied;

  ErrorCode(int number, boolean retriable, boolean refreshMetadata, boolean mayHaveBeenApplied) {
    this.number = number;
    this.retriable = retriable;
    this.refreshMetadata = refreshMetadata;
    this.mayHaveBeenApplied = mayHaveBeenApplied;
  }

  /** The stable number of this code; 0 is reserved for "no error". */
  public int number() {
    return number;
  }

  /** Whether the same request may succeed later. */
  public boolean retriable() {
    return retriable;
  }

  /** Whether the caller should ask for fresh metadata before it tries again. */
  public boolean refreshMetadata() {
    return refreshMetadata;
  }

  /** Whether the operation may have taken effect although it is reported as failed. */
  public boolean mayHaveBeenApplied() {
    return mayHaveBeenApplied;
  }

  /** The code with this number, or null when a newer peer sent one that is not known here. */
  public static @Nullable ErrorCode ofNumber(int number) {
    return BY_NUMBER.get(number);
  }
}
