package dev.weir.storage;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Producer states as two files. The snapshot has Kafka's schema (ProducerStateManager, version 1)
 * and so only the newest batch of each producer; the history holds the older ones, the checksum of
 * the snapshot it belongs to, and what the index of aborted transactions must be of the segment
 * that ends at the snapshot's offset.
 *
 * <pre>
 * snapshot: int16 version, uint32 crc32c of what follows, int32 count,
 *           count × (int64 producer id, int16 epoch, int32 last sequence, int64 last offset, int32 offset delta,
 *                    int64 timestamp, int32 coordinator epoch, int64 first offset of the open transaction)
 * history:  int16 version, uint32 crc32c of what follows, uint32 crc of the snapshot,
 *           int32 aborted transactions (-1: not known), uint32 crc32c of their entries, int32 count,
 *           count × (int64 producer id, int32 batches, batches × (int32 base sequence, int32 offset delta,
 *                    int64 last offset)), oldest batch first
 * </pre>
 */
final class ProducerSnapshot {
  private static final short VERSION = 1;
  private static final short HISTORY_VERSION = 2;
  private static final int CRC_AT = Short.BYTES;
  private static final int BODY_AT = CRC_AT + Integer.BYTES;
  private static final int ENTRY_BYTES = 46;
  private static final int HISTORY_ENTRY_BYTES = Long.BYTES + Integer.BYTES;
  private static final int HISTORY_BATCH_BYTES = 16;
  private static final int NO_SEQUENCE = -1;
  private static final long NO_OFFSET = -1;
  private static final int ABORTED_AT = BODY_AT + Integer.BYTES;
  private static final int NOT_KNOWN = -1;

  private final byte[] snapshot;
  private final byte[] history;

  /** The content of the two files; read-only from here on. */
  ProducerSnapshot(byte[] snapshot, byte[] history) {
    this.snapshot = snapshot;
    this.history = history;
  }

  /**
   * @param aborted what is in the index of aborted transactions of the segment that ends here; null
   *     when that is not known
   */
  static ProducerSnapshot of(ProducerStates producers, AbortedIndex.@Nullable Summary aborted) {
    List<ProducerState> states = producers.sorted();
    ByteBuffer snapshot =
        ByteBuffer.allocate(BODY_AT + Integer.BYTES + states.size() * ENTRY_BYTES);
    snapshot.position(BODY_AT).putInt(states.size());
    int older = 0;
    for (ProducerState state : states) {
      older += olderBatches(state);
      boolean remembered = state.count() > 0;
      snapshot
          .putLong(state.producerId())
          .putShort(state.epoch())
          .putInt(state.lastSequence())
          .putLong(remembered ? state.lastOffset(0) : NO_OFFSET)
          .putInt(remembered ? state.offsetDelta(0) : 0)
          .putLong(state.lastAppendMillis())
          .putInt(state.coordinatorEpoch())
          .putLong(state.openSince());
    }
    int crc = seal(snapshot, VERSION);

    ByteBuffer history =
        ByteBuffer.allocate(
            BODY_AT
                + 4 * Integer.BYTES
                + states.size() * HISTORY_ENTRY_BYTES
                + older * HISTORY_BATCH_BYTES);
    history
        .position(BODY_AT)
        .putInt(crc)
        .putInt(aborted == null ? NOT_KNOWN : aborted.count())
        .putInt(aborted == null ? 0 : aborted.crc())
        .putInt(states.size());
    for (ProducerState state : states) {
      history.putLong(state.producerId()).putInt(olderBatches(state));
      for (int back = state.count() - 1; back > 0; back--) {
        history
            .putInt(state.baseSequence(back))
            .putInt(state.offsetDelta(back))
            .putLong(state.lastOffset(back));
      }
    }
    seal(history, HISTORY_VERSION);
    return new ProducerSnapshot(snapshot.array(), history.array());
  }

  /** The same producers with another {@link #aborted}. Only of one that could be read. */
  ProducerSnapshot withAborted(AbortedIndex.Summary aborted) {
    byte[] changed = history.clone();
    ByteBuffer file = ByteBuffer.wrap(changed);
    file.putInt(ABORTED_AT, aborted.count()).putInt(ABORTED_AT + Integer.BYTES, aborted.crc());
    seal(file, HISTORY_VERSION);
    return new ProducerSnapshot(snapshot, changed);
  }

  byte[] snapshot() {
    return snapshot;
  }

  byte[] history() {
    return history;
  }

  /** The states, or null when a file is damaged or the two do not belong together. */
  @Nullable ProducerStates read() {
    ByteBuffer newest = open(snapshot, VERSION);
    ByteBuffer older = open(history, HISTORY_VERSION);
    if (newest == null || older == null || older.getInt() != newest.getInt(CRC_AT)) {
      return null;
    }
    try {
      older.position(ABORTED_AT + 2 * Integer.BYTES);
      return read(newest, older);
    } catch (BufferUnderflowException | IllegalArgumentException countsAreWrong) {
      return null;
    }
  }

  /**
   * What the index of aborted transactions must be of the segment that ends here, or null when that
   * is not known. Only of a snapshot that could be {@linkplain #read}.
   */
  AbortedIndex.@Nullable Summary aborted() {
    ByteBuffer file = ByteBuffer.wrap(history);
    int count = file.getInt(ABORTED_AT);
    return count < 0
        ? null
        : new AbortedIndex.Summary(count, file.getInt(ABORTED_AT + Integer.BYTES));
  }

  private static int olderBatches(ProducerState state) {
    return Math.max(0, state.count() - 1);
  }

  private static @Nullable ProducerStates read(ByteBuffer newest, ByteBuffer older) {
    int count = newest.getInt();
    if (older.getInt() != count) {
      return null;
    }
    List<ProducerState> states = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ProducerState state = new ProducerState(newest.getLong());
      short epoch = newest.getShort();
      int lastSequence = newest.getInt();
      long lastOffset = newest.getLong();
      int offsetDelta = newest.getInt();
      if (older.getLong() != state.producerId()) {
        return null;
      }
      long lastAppendMillis = newest.getLong();
      state.restore(epoch, newest.getInt(), newest.getLong());
      int batches = older.getInt();
      for (int batch = 0; batch < batches; batch++) {
        state.add(epoch, older.getInt(), older.getInt(), older.getLong());
      }
      if (lastSequence != NO_SEQUENCE) {
        state.add(epoch, (lastSequence - offsetDelta) & Integer.MAX_VALUE, offsetDelta, lastOffset);
      }
      state.appendedAt(lastAppendMillis);
      states.add(state);
    }
    ProducerStates producers = new ProducerStates();
    states.forEach(producers::put);
    return producers;
  }

  /** Writes version and checksum in front of the finished body; returns the checksum. */
  private static int seal(ByteBuffer file, short version) {
    file.putShort(0, version);
    int crc = checksum(file);
    file.putInt(CRC_AT, crc);
    return crc;
  }

  private static @Nullable ByteBuffer open(byte[] content, short version) {
    ByteBuffer file = ByteBuffer.wrap(content);
    boolean whole =
        content.length >= BODY_AT + Integer.BYTES
            && file.getShort(0) == version
            && file.getInt(CRC_AT) == checksum(file);
    return whole ? file.position(BODY_AT) : null;
  }

  private static int checksum(ByteBuffer file) {
    CRC32C crc = new CRC32C();
    crc.update(file.slice(BODY_AT, file.capacity() - BODY_AT));
    return (int) crc.getValue();
  }
}
