package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.disk.FileRange;
import dev.weir.core.record.Compression;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Records with keys, and what of them a compacted log may and must show. */
final class KeyedLog {
  private KeyedLog() {}

  /** One record; no value is a tombstone. */
  record Entry(long offset, long timestamp, String key, @Nullable String value) {}

  /** A batch of {@code key=value} and {@code key} (tombstone) records. */
  static RecordBatchBuilder builder(Compression codec, long timestamp, String... records) {
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, 1 << 20);
    for (String record : records) {
      int at = record.indexOf('=');
      byte[] key = (at < 0 ? record : record.substring(0, at)).getBytes(StandardCharsets.UTF_8);
      byte[] value = at < 0 ? null : record.substring(at + 1).getBytes(StandardCharsets.UTF_8);
      builder.append(timestamp, key, value, List.of());
    }
    return builder;
  }

  static ByteBuffer batch(String... records) {
    return builder(Compression.NONE, 1_699_999_000_000L, records).build();
  }

  /** All batches from the log's start to its end, read in ranges of so many bytes. */
  static List<RecordBatch> batches(LogDriver driver, int maxBytes) throws IOException {
    List<RecordBatch> batches = new ArrayList<>();
    long offset = driver.log().logStartOffset();
    long end = driver.log().logEndOffset();
    while (offset < end) {
      ReadOutcome.Slice slice = driver.read(offset, maxBytes, end);
      FileRange range = slice.range();
      ByteBuffer bytes = ByteBuffer.allocate(range.length());
      range.readFully(0, bytes);
      range.release();
      List<RecordBatch> read = TestBatches.split(bytes.flip());
      assertThat(read.get(0).lastOffset()).isGreaterThanOrEqualTo(offset);
      for (RecordBatch batch : read) {
        assertThat(batch.crcMatches()).isTrue();
        batches.add(batch);
      }
      assertThat(slice.nextOffset()).isGreaterThan(offset);
      offset = slice.nextOffset();
    }
    assertThat(offset).isEqualTo(end);
    return batches;
  }

  static List<Entry> entries(List<RecordBatch> batches) {
    List<Entry> entries = new ArrayList<>();
    long next = 0;
    for (RecordBatch batch : batches) {
      assertThat(batch.baseOffset()).isGreaterThanOrEqualTo(next);
      next = batch.nextOffset();
      if (batch.isControl()) {
        continue;
      }
      try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
        while (records.next()) {
          entries.add(
              new Entry(
                  records.offset(),
                  records.timestamp(),
                  String.valueOf(text(records.keyBytes())),
                  text(records.valueBytes())));
        }
      }
    }
    return entries;
  }

  /** What a reader knows after all of it: the last value of each key. */
  static Map<String, String> fold(List<Entry> entries) {
    Map<String, String> state = new TreeMap<>();
    for (Entry entry : entries) {
      if (entry.value() == null) {
        state.remove(entry.key());
      } else {
        state.put(entry.key(), entry.value());
      }
    }
    return state;
  }

  /** The last record of each key, by its key. */
  static Map<String, Entry> newest(List<Entry> entries) {
    Map<String, Entry> newest = new LinkedHashMap<>();
    entries.forEach(entry -> newest.put(entry.key(), entry));
    return newest;
  }

  private static @Nullable String text(byte @Nullable [] field) {
    return field == null ? null : new String(field, StandardCharsets.UTF_8);
  }
}
