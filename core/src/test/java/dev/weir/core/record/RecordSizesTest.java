package dev.weir.core.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordSizesTest {
  @Test
  void thePayloadIsWhatTheCheckOfABatchCounts() {
    assertCounted(null, null, List.of());
    assertCounted("key", "value", List.of());
    assertCounted(
        "k", "v", List.of(new RecordHeader("", null), new RecordHeader("a", new byte[0])));
    assertCounted(null, "v", List.of(new RecordHeader("größe €😀", new byte[200])));
    assertCounted(null, "v", List.of(new RecordHeader("half a pair \ud83d", new byte[70_000])));
  }

  private static void assertCounted(
      @Nullable String key, @Nullable String value, List<RecordHeader> headers) {
    byte[] keyBytes = key == null ? null : key.getBytes(UTF_8);
    byte[] valueBytes = value == null ? null : value.getBytes(UTF_8);
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    builder.append(0, keyBytes, valueBytes, headers);
    RecordBatch batch = RecordBatch.at(builder.build(), 0);
    try (RecordCursor cursor = batch.records(DecompressionLimits.DEFAULT)) {
      assertThat(cursor.next()).isTrue();
      assertThat(RecordSizes.payload(keyBytes, valueBytes, headers))
          .isEqualTo(cursor.payloadSize());
    }
  }
}
