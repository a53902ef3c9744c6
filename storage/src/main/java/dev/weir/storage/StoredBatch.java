package dev.weir.storage;

import dev.weir.core.record.RecordBatch;

/**
 * A batch with the place it has in the log. When it is appended its bytes in the producer's buffer
 * do not know their offset and epoch yet; when it is read back they do.
 */
record StoredBatch(RecordBatch batch, long baseOffset, int leaderEpoch) {
  static StoredBatch readBack(RecordBatch batch) {
    return new StoredBatch(batch, batch.baseOffset(), batch.leaderEpoch());
  }

  long lastOffset() {
    return baseOffset + batch.lastOffsetDelta();
  }

  long nextOffset() {
    return lastOffset() + 1;
  }
}
