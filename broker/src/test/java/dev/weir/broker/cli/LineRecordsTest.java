package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ProducerRecord;
import org.junit.jupiter.api.Test;

class LineRecordsTest {
  @Test
  void withoutSeparatorTheLineIsTheValue() {
    ProducerRecord<byte[], byte[], Long> record = of("", "a:b");
    assertThat(record.key()).isNull();
    assertThat(record.value()).asString(UTF_8).isEqualTo("a:b");
  }

  @Test
  void theFirstSeparatorEndsTheKey() {
    ProducerRecord<byte[], byte[], Long> record = of("::", "a:b::c::d");
    assertThat(record.key()).asString(UTF_8).isEqualTo("a:b");
    assertThat(record.value()).asString(UTF_8).isEqualTo("c::d");
  }

  @Test
  void keyAndValueMayBeEmpty() {
    assertThat(of(":", ":").key()).isEmpty();
    assertThat(of(":", ":").value()).isEmpty();
  }

  @Test
  void aLineWithoutSeparatorHasNoKey() {
    assertThat(of(":", "").key()).isNull();
    assertThat(of(":", "").value()).isEmpty();
    assertThat(of("::", "a:b").key()).isNull();
  }

  @Test
  void linesAreNumberedFromOne() {
    LineRecords records = new LineRecords("t", 3, new byte[0]);
    assertThat(records.next(new byte[1]).correlation()).isEqualTo(1);
    assertThat(records.next(new byte[1]).correlation()).isEqualTo(2);
    assertThat(records.next(new byte[1]).partition()).isEqualTo(3);
  }

  private static ProducerRecord<byte[], byte[], Long> of(String separator, String line) {
    return new LineRecords("t", -1, separator.getBytes(UTF_8)).next(line.getBytes(UTF_8));
  }
}
