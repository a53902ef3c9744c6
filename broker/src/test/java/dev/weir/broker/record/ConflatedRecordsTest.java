package dev.weir.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConflatedRecordsTest {
  private final PieceBudget budget = new PieceBudget(64 << 20);
  private final ConflatedRecords<String> conflated = new ConflatedRecords<>(budget);

  /** Records of one partition, "key=value"; "=value" has no key, "key=" is a tombstone. */
  private static RecordCursor records(String... all) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 4 << 20);
    for (String each : all) {
      int at = each.indexOf('=');
      builder.append(0, bytes(each.substring(0, at)), bytes(each.substring(at + 1)), List.of());
    }
    return RecordBatch.at(builder.build(), 0).records(DecompressionLimits.DEFAULT);
  }

  private static byte @Nullable [] bytes(String text) {
    return text.isEmpty() ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private void add(String partition, String... all) {
    try (RecordCursor cursor = records(all)) {
      while (cursor.next()) {
        assertThat(conflated.add(partition, cursor)).isTrue();
        conflated.readTo(partition, cursor.offset() + 1);
      }
    }
  }

  /** As "partition offset key=value passed over". */
  private List<String> all() {
    List<String> all = new ArrayList<>();
    for (var next = conflated.poll(); next != null; next = conflated.poll()) {
      all.add(
          "%s %d %s=%s %d"
              .formatted(
                  next.partition(),
                  next.record().offset(),
                  text(next.record().key()),
                  text(next.record().value()),
                  next.passedOver()));
    }
    return all;
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void theNewestOfEachKeyInTheOrderOfOffsets() {
    add("p", "a=1", "b=1", "a=2", "c=1", "b=2", "b=3");
    assertThat(all()).containsExactly("p 2 a=2 2", "p 3 c=1 0", "p 5 b=3 1");
    assertThat(conflated.isEmpty()).isTrue();
  }

  @Test
  void everyReplacedRecordIsToldOnceWithTheOneAfterIt() {
    add("p", "a=1", "b=1", "c=1", "b=2", "c=2", "a=2");
    assertThat(all()).containsExactly("p 3 b=2 3", "p 4 c=2 0", "p 5 a=2 0");
    add("p", "a=3", "a=4");
    assertThat(all()).as("told since the last one only").containsExactly("p 1 a=4 1");
  }

  @Test
  void withoutAKeyNothingIsReplacedAndATombstoneIsAValue() {
    add("p", "=1", "a=1", "=2", "a=", "=3");
    assertThat(all()).containsExactly("p 0 =1 0", "p 2 =2 1", "p 3 a= 0", "p 4 =3 0");
  }

  @Test
  void partitionsTakeTurnsAndKnowNothingOfEachOther() {
    add("p", "a=1", "b=1", "a=2");
    add("q", "a=7", "c=1");
    assertThat(all()).containsExactly("p 1 b=1 1", "q 0 a=7 0", "p 2 a=2 0", "q 1 c=1 0");
  }

  @Test
  void thePositionIsTheFirstThatWillStillCome() {
    assertThat(conflated.position("p")).isEqualTo(-1);
    add("p", "a=1", "b=1", "a=2");
    assertThat(conflated.position("p")).isEqualTo(1);
    assertThat(conflated.poll()).isNotNull();
    assertThat(conflated.position("p")).isEqualTo(2);
    assertThat(conflated.poll()).isNotNull();
    assertThat(conflated.position("p")).isEqualTo(3);
  }

  @Test
  void whatDoesNotFitIsRefusedUntilSomethingIsTaken() {
    byte[] quarter = new byte[ConflatedRecords.MAX_BYTES / 4];
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 4 << 20);
    for (String key : List.of("a", "b", "c", "c", "d")) {
      builder.append(0, bytes(key), quarter, List.of());
    }
    try (RecordCursor cursor =
        RecordBatch.at(builder.build(), 0).records(DecompressionLimits.DEFAULT)) {
      for (int i = 0; i < 4; i++) {
        assertThat(cursor.next()).isTrue();
        assertThat(conflated.add("p", cursor)).as("record %d", i).isTrue();
      }
      assertThat(cursor.next()).isTrue();
      assertThat(conflated.isFull()).isFalse();
      assertThat(conflated.add("p", cursor)).isFalse();
      assertThat(conflated.isFull()).isTrue();
      assertThat(budget.used()).isBetween(3L * quarter.length, (long) ConflatedRecords.MAX_BYTES);
      assertThat(conflated.poll()).isNotNull();
      assertThat(conflated.isFull()).isFalse();
      assertThat(conflated.add("p", cursor)).isTrue();
    }
    assertThat(all()).hasSize(3);
    assertThat(budget.used()).isZero();
  }

  @Test
  void nothingIsTakenThatTheBudgetDoesNotHave() {
    ConflatedRecords<String> poor = new ConflatedRecords<>(new PieceBudget(1 << 10));
    try (RecordCursor cursor = records("a=1")) {
      assertThat(cursor.next()).isTrue();
      assertThat(poor.add("p", cursor)).isFalse();
    }
    assertThat(poor.isFull()).isTrue();
    assertThat(poor.isEmpty()).isTrue();
  }

  @Test
  void memoryGoesBackWithSmallerRecordsAndAtTheEnd() {
    add("p", "a=" + "v".repeat(200_000), "b=1");
    assertThat(budget.used()).isGreaterThan(200_000);
    add("p", "a=1");
    assertThat(budget.used()).isBetween(1L, 40_000L);
    conflated.close();
    assertThat(budget.used()).isZero();
    assertThat(conflated.isEmpty()).isTrue();
  }

  @Test
  void aThousandUpdatesOfTenKeysTakeTheMemoryOfTen() {
    String[] updates = new String[1_000];
    for (int i = 0; i < updates.length; i++) {
      updates[i] = "k" + i % 10 + "=" + i;
    }
    add("p", updates);
    assertThat(budget.used()).isEqualTo(16 << 10);
    List<String> all = all();
    assertThat(all).hasSize(10).first().isEqualTo("p 990 k0=990 990");
    assertThat(all).last().isEqualTo("p 999 k9=999 0");
  }
}
