package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ConsumerBatch;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordFormatTest {
  private final RecordBatchBuilder batch = new RecordBatchBuilder(Compression.NONE, 1 << 16);

  @Test
  void valueIsTheBytesAndANewline() throws IOException {
    add("k", "one\r");
    add(null, "");
    add(null, null);
    add(null, "\u00ff\u0000");
    assertThat(printed(RecordFormat.Name.VALUE, 0, 9)).isEqualTo("one\r\n\n\n\u00ff\u0000\n");
  }

  @Test
  void keyAndValueAreSeparatedByATab() throws IOException {
    add("k", "v");
    add(null, "v");
    add("", "");
    assertThat(printed(RecordFormat.Name.KEY_VALUE, 0, 9)).isEqualTo("k\tv\n\tv\n\t\n");
  }

  @Test
  void jsonHasCoordinatesKeyHeadersAndValue() throws IOException {
    batch.append(
        17,
        "k".getBytes(UTF_8),
        "gr\u00fcn \"x\"\n".getBytes(UTF_8),
        List.of(
            new RecordHeader("h", "1".getBytes(UTF_8)),
            new RecordHeader("b", new byte[] {-1}),
            new RecordHeader("n", null)));
    assertThat(new String(bytes(RecordFormat.Name.JSON, 0, 9), UTF_8))
        .isEqualTo(
            "{\"partition\":3,\"offset\":0,\"timestamp\":17,\"key\":\"k\","
                + "\"headers\":[[\"h\",\"1\"],[\"b\",{\"base64\":\"/w==\"}],[\"n\",null]],"
                + "\"value\":\"gr\u00fcn \\\"x\\\"\\n\"}\n");
  }

  @Test
  void jsonGivesBase64ForWhatIsNotUtf8AndNamesTombstones() throws IOException {
    add("\u00ff", "\u00fe");
    add("k", null);
    assertThat(printed(RecordFormat.Name.JSON, 0, 9))
        .isEqualTo(
            "{\"partition\":3,\"offset\":0,\"timestamp\":5,\"keyBase64\":\"/w==\","
                + "\"valueBase64\":\"/g==\"}\n"
                + "{\"partition\":3,\"offset\":1,\"timestamp\":5,\"key\":\"k\","
                + "\"tombstone\":true}\n");
  }

  @Test
  void printsFromTheFirstWantedOffsetUpToTheLimit() throws IOException {
    for (char c = 'a'; c < 'g'; c++) {
      add(null, String.valueOf(c));
    }
    assertThat(printed(RecordFormat.Name.VALUE, 2, 3)).isEqualTo("c\nd\ne\n");
  }

  private void add(String key, String value) {
    batch.append(
        5,
        key == null ? null : key.getBytes(ISO_8859_1),
        value == null ? null : value.getBytes(ISO_8859_1),
        List.of());
  }

  private String printed(RecordFormat.Name format, long from, long max) throws IOException {
    return new String(bytes(format, from, max), ISO_8859_1);
  }

  private byte[] bytes(RecordFormat.Name format, long from, long max) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RecordPrinter printer = new RecordPrinter(format.create(), out, max);
    printer.print(new ConsumerBatch("t", 3, from, RecordBatch.at(batch.build(), 0)));
    printer.flush();
    return out.toByteArray();
  }
}
