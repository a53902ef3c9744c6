package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One partition in memory, with a real broker's rules for sequences. Not thread-safe by itself. */
final class FakeLog {
  private record Appended(int baseSequence, int lastSequence, long baseOffset) {}

  private final List<ByteBuffer> batches = new ArrayList<>();
  private final Map<Long, ArrayDeque<Appended>> producers = new HashMap<>();
  private long startOffset;
  private long endOffset;

  long endOffset() {
    return endOffset;
  }

  long startOffset() {
    return startOffset;
  }

  /** Drops what is below, as retention does. */
  void deleteBefore(long offset) {
    startOffset = offset;
    batches.removeIf(batch -> RecordBatch.at(batch, 0).lastOffset() < offset);
  }

  /** Forgets all producers, as a broker does that has lost their state. */
  void forgetProducers() {
    producers.clear();
  }

  void damage(int batch) {
    ByteBuffer bytes = batches.get(batch);
    int last = bytes.limit() - 1;
    bytes.put(last, (byte) (bytes.get(last) ^ 1));
  }

  ProduceResult.Builder append(ByteBuffer data) {
    ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
    RecordBatch batch = RecordBatch.at(copy, 0);
    if (!batch.crcMatches()) {
      return error(ErrorCode.CORRUPT_BATCH, "the CRC does not match");
    }
    if (batch.hasProducerId()) {
      ArrayDeque<Appended> known =
          producers.computeIfAbsent(batch.producerId(), id -> new ArrayDeque<>());
      for (Appended earlier : known) {
        if (earlier.baseSequence() == batch.baseSequence()
            && earlier.lastSequence() == batch.lastSequence()) {
          return stored(earlier.baseOffset()).setDuplicate(true);
        }
      }
      int expected = known.isEmpty() ? 0 : known.getLast().lastSequence() + 1;
      if (batch.baseSequence() != expected) {
        return error(
            known.isEmpty() ? ErrorCode.UNKNOWN_PRODUCER_ID : ErrorCode.OUT_OF_ORDER_SEQUENCE,
            "sequence " + batch.baseSequence() + ", expected " + expected);
      }
      known.addLast(new Appended(batch.baseSequence(), batch.lastSequence(), endOffset));
      if (known.size() > 5) {
        known.removeFirst();
      }
    }
    long base = endOffset;
    RecordBatch.place(copy, 0, base, 1);
    batches.add(copy);
    endOffset = base + batch.recordCount();
    return stored(base);
  }

  /** Whole batches from this offset on, at least one when there is one. */
  ByteBuffer read(long offset, int maxBytes) {
    List<ByteBuffer> chosen = new ArrayList<>();
    int bytes = 0;
    for (ByteBuffer batch : batches) {
      if (RecordBatch.at(batch, 0).lastOffset() >= offset) {
        if (!chosen.isEmpty() && bytes + batch.limit() > maxBytes) {
          break;
        }
        chosen.add(batch);
        bytes += batch.limit();
      }
    }
    ByteBuffer all = ByteBuffer.allocate(bytes);
    chosen.forEach(batch -> all.put(batch.duplicate()));
    return all.flip();
  }

  long offsetAt(long timestamp) {
    for (ByteBuffer bytes : batches) {
      try (RecordCursor records = RecordBatch.at(bytes, 0).records(DecompressionLimits.DEFAULT)) {
        while (records.next()) {
          if (records.timestamp() >= timestamp) {
            return records.offset();
          }
        }
      }
    }
    return -1;
  }

  /** Every value, in order. */
  List<String> values() {
    return each(RecordCursor::valueBytes);
  }

  /** Every key, in order. */
  List<String> keys() {
    return each(RecordCursor::keyBytes);
  }

  private List<String> each(Function<RecordCursor, byte[]> part) {
    List<String> texts = new ArrayList<>();
    for (ByteBuffer bytes : batches) {
      try (RecordCursor records = RecordBatch.at(bytes, 0).records(DecompressionLimits.DEFAULT)) {
        while (records.next()) {
          byte[] value = part.apply(records);
          texts.add(value == null ? null : new String(value, StandardCharsets.UTF_8));
        }
      }
    }
    return texts;
  }

  List<RecordBatch> batches() {
    return batches.stream().map(bytes -> RecordBatch.at(bytes, 0)).toList();
  }

  static ProduceResult.Builder error(ErrorCode code, String message) {
    return ProduceResult.newBuilder()
        .setError(code.number())
        .setErrorMessage(message)
        .setBaseOffset(-1);
  }

  private static ProduceResult.Builder stored(long baseOffset) {
    return ProduceResult.newBuilder().setBaseOffset(baseOffset).setLogAppendTime(-1);
  }
}
