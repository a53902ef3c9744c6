package dev.weir.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordEntryWriterTest {
  private static final byte[] NO_TEXT = {(byte) 0xff};
  private static final byte[] VALUE = utf8("v");

  private final RecordEntryWriter writer = new RecordEntryWriter();

  @Test
  void writesCoordinatesOfRecordWithoutKey() {
    assertThat(entry(1_700_000_000_123L, null, VALUE))
        .isEqualTo("{\"partition\":3,\"offset\":0,\"timestamp\":1700000000123}");
  }

  @Test
  void writesKeyAsText() {
    assertThat(entry(-1, utf8("boiler 7"), VALUE)).endsWith("-1,\"key\":\"boiler 7\"}");
    assertThat(entry(0, utf8(""), VALUE)).endsWith("0,\"key\":\"\"}");
    assertThat(entry(0, utf8("Öl"), VALUE)).endsWith("\"key\":\"Öl\"}");
  }

  @Test
  void escapesWhatJsonDoesNotAllow() {
    assertThat(entry(0, utf8("a\"b\\c\n\u0001"), VALUE))
        .endsWith("\"key\":\"a\\\"b\\\\c\\n\\u0001\"}");
  }

  @Test
  void writesKeyThatIsNoTextInBase64() {
    assertThat(entry(0, NO_TEXT, VALUE)).endsWith("\"keyBase64\":\"/w==\"}");
  }

  @Test
  void writesHeadersAndTombstone() {
    assertThat(
            entry(
                0,
                utf8("k"),
                null,
                new RecordHeader("t", utf8("x\"")),
                new RecordHeader("n", null),
                new RecordHeader("b", NO_TEXT)))
        .endsWith(
            "\"key\":\"k\",\"headers\":[[\"t\",\"x\\\"\"],[\"n\",null],"
                + "[\"b\",{\"base64\":\"/w==\"}]],\"tombstone\":true}");
  }

  @Test
  void saysHowManyRecordsWerePassedOver() {
    KeptRecord kept = new KeptRecord(7, 12, utf8("k"), null, List.of());
    assertThat(text(writer.entry(3, kept, 4)))
        .isEqualTo(
            "{\"partition\":3,\"offset\":7,\"timestamp\":12,\"key\":\"k\",\"tombstone\":true,"
                + "\"conflated\":4}");
    assertThat(text(writer.entry(3, kept, 0))).doesNotContain("conflated");
  }

  @Test
  void growsWithLargeKeysAndStartsAnew() {
    String key = "k".repeat(100_000);
    assertThat(entry(0, utf8(key), VALUE)).endsWith("\"key\":\"" + key + "\"}");
    assertThat(entry(0, utf8("next"), VALUE))
        .isEqualTo("{\"partition\":3,\"offset\":0,\"timestamp\":0,\"key\":\"next\"}");
  }

  @Test
  void answersWithLargestAndSmallestNumbers() {
    assertThat(text(RecordEntryWriter.answer(Integer.MAX_VALUE, Long.MAX_VALUE)))
        .isEqualTo("{\"partition\":2147483647,\"offset\":9223372036854775807}");
    assertThat(text(RecordEntryWriter.answer(0, Long.MIN_VALUE)))
        .isEqualTo("{\"partition\":0,\"offset\":-9223372036854775808}");
    assertThat(text(RecordEntryWriter.answer(10, -100)))
        .isEqualTo("{\"partition\":10,\"offset\":-100}");
  }

  private String entry(long timestamp, byte[] key, byte[] value, RecordHeader... headers) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    assertThat(builder.append(timestamp, key, value, List.of(headers))).isTrue();
    RecordBatch batch = RecordBatch.at(builder.build(), 0);
    try (RecordCursor cursor = batch.records(DecompressionLimits.DEFAULT)) {
      assertThat(cursor.next()).isTrue();
      return text(writer.entry(3, cursor));
    }
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
