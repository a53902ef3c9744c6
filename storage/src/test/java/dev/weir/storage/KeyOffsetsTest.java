package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class KeyOffsetsTest {
  @Test
  void knowsTheNewestOffsetOfEveryKey() {
    KeyOffsets keys = new KeyOffsets(2_000, 1 << 20);
    RecordBatch batch = batch(2_000, 700);
    try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
      while (records.next()) {
        keys.put(records);
      }
    }
    Set<Long> newest = new TreeSet<>();
    try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
      while (records.next()) {
        if (keys.hasNothingNewer(records)) {
          newest.add(records.offset());
        }
      }
    }
    assertThat(newest).hasSize(700).allMatch(offset -> offset >= 1_300);
  }

  @Test
  void takesNoMoreThanItWasGiven() {
    KeyOffsets keys = new KeyOffsets(1_000_000, 100L * KeyOffsets.SLOT_BYTES);
    assertThat(keys.hasRoomFor(75)).isTrue();
    assertThat(keys.hasRoomFor(76)).isFalse();
  }

  private static RecordBatch batch(int records, int keys) {
    String[] lines = new String[records];
    for (int i = 0; i < records; i++) {
      lines[i] = "key " + i % keys + "=v";
    }
    return RecordBatch.at(KeyedLog.batch(lines), 0);
  }
}
