package dev.weir.storage;

import static dev.weir.storage.KafkaDump.dump;
import static dev.weir.storage.KafkaDump.occurrences;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.storage.disk.ChannelLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kafka's own tool reads our files. It exits with 0 whatever it finds, so its words decide; and it
 * must have seen every record, or it has found nothing wrong because it looked at nothing.
 */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class KafkaToolsTest {
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(10_000).withIndexIntervalBytes(512);

  @TempDir Path temporary;

  @ParameterizedTest
  @EnumSource(Compression.class)
  void acceptsEverySegmentAndIndexOfAClosedLog(Compression compression) throws IOException {
    LogDriver driver = open();
    int records = appendRandomly(driver, compression);
    driver.close();
    requireAccepted(records);
  }

  @Test
  void acceptsIndexesThatRecoveryHasRebuilt() throws IOException {
    LogDriver driver = open();
    int records = appendRandomly(driver, Compression.NONE);
    driver.close();
    for (Path file : files("")) {
      if (!file.toString().endsWith(LogNames.LOG)) {
        Files.delete(file);
      }
    }
    open().close();
    requireAccepted(records);
  }

  @Test
  void acceptsMarkersAbortedTransactionsAndOpenOnesInSnapshots() throws IOException {
    LogDriver driver = open();
    long records = 0;
    for (int i = 0; i < 300; i++) {
      int producer = 50 + i % 3;
      int sequence = driver.sequenceAfter(producer, 1);
      String value = "value " + i + " ".repeat(100);
      append(
          driver,
          TestBatches.transactional(producer, 0, sequence, value),
          AppendOrigin.VERIFIED_CLIENT);
      if (i % 4 == 3) {
        ControlRecordType type = i % 8 == 3 ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
        append(driver, TestBatches.marker(type, producer, 0, 2), AppendOrigin.COORDINATOR);
        records++;
      }
      records++;
    }
    List<AbortedTransaction> aborted =
        driver.log().abortedTransactions(0, driver.log().logEndOffset()).run();
    driver.close();
    String logs = dump("--deep-iteration", files(LogNames.LOG));
    String indexes = dump("--deep-iteration", files(LogNames.ABORTED_INDEX));
    String snapshots = dump("--deep-iteration", files(LogNames.PRODUCER_SNAPSHOT));
    assertThat(occurrences("\\| offset: \\d+", logs)).isEqualTo(records);
    assertThat(occurrences("endTxnMarker: COMMIT coordinatorEpoch: 2", logs)).isEqualTo(37);
    assertThat(occurrences("endTxnMarker: ABORT coordinatorEpoch: 2", logs)).isEqualTo(38);
    assertThat(aborted).hasSizeGreaterThan(30);
    for (AbortedTransaction each : aborted) {
      assertThat(indexes)
          .contains(
              "version: 0 producerId: %d firstOffset: %d lastOffset: %d lastStableOffset: %d"
                  .formatted(
                      each.producerId(),
                      each.firstOffset(),
                      each.lastOffset(),
                      each.lastStableOffset()));
    }
    assertThat(occurrences("firstOffset", indexes)).isEqualTo(aborted.size());
    assertThat(occurrences("coordinatorEpoch: 2 currentTxnFirstOffset: \\S*?\\d+", snapshots))
        .isGreaterThan(3);
  }

  private static void append(LogDriver driver, ByteBuffer batch, AppendOrigin origin) {
    assertThat(driver.log().append(batch, 7, origin)).isInstanceOf(AppendOutcome.Appended.class);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void acceptsACompactedLog(Compression codec) throws IOException {
    LogSettings settings = SETTINGS.withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));
    LogDriver driver =
        new LogDriver(new ChannelLogFiles(64), temporary.resolve("orders-0"), settings);
    for (int i = 0; i < 900; i++) {
      String text = i % 11 == 0 ? "" : "=value " + i + " ".repeat(i % 97);
      RecordBatchBuilder builder =
          KeyedLog.builder(
              codec, 1_000_000L + 50L * (i - i % 5 * 3), "k" + i % 450 + text, "l=" + i);
      builder.producer(40 + i % 2, (short) 1, driver.sequenceAfter(40 + i % 2, 2), false);
      driver.append(builder.build());
    }
    driver.flush();
    Path second = files(LogNames.LOG).get(1);
    driver.clean(1_700_000_000_000L).join();
    for (int i = 0; i < 60; i++) {
      driver.append(KeyedLog.batch("m=" + i + " ".repeat(700)));
    }
    driver.flush();
    driver.clean(1_700_000_000_000L).join(); // what has become small is put together
    int records = KeyedLog.entries(KeyedLog.batches(driver, 1 << 20)).size();
    driver.close();
    assertThat(files(LogNames.LOG)).doesNotContain(second).hasSizeGreaterThan(3);
    String logs = dump("--deep-iteration", files(LogNames.LOG));
    assertThat(occurrences("\\| offset: \\d+", logs)).isEqualTo(records);
    assertThat(records).isBetween(450, 1_260);
    dump("--deep-iteration", files(LogNames.OFFSET_INDEX));
    dump("--deep-iteration", files(LogNames.TIME_INDEX));
    dump("--deep-iteration", files(LogNames.PRODUCER_SNAPSHOT));
  }

  /** Each file as it is after every step of what becomes of a transaction. */
  @ParameterizedTest
  @EnumSource(Compression.class)
  void acceptsACompactedLogOfTransactions(Compression codec) throws IOException {
    LogSettings settings = SETTINGS.withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));
    TransactionalModel model = new TransactionalModel();
    long now = 1_700_000_000_000L;
    int appended = 0;
    int markers = 0;
    int emptied = 0;
    for (int round = 0; round < 4; round++) {
      LogDriver driver =
          new LogDriver(new ChannelLogFiles(64), temporary.resolve("orders-0"), settings);
      for (int i = 0; i < 300; i++) {
        int producer = round % 3 * 4 + i % 4;
        String value = i % 11 == 0 ? "" : "=value " + i + " ".repeat(i % 97);
        append(
            driver,
            model.append(producer, i % 4 != 3, codec, now - i, "k" + i % 70 + value, "l=" + i));
        if (i % 5 == 4 && i % 4 != 3) {
          appended++;
          append(
              driver,
              model.end(
                  producer,
                  i % 2 == 0 ? TransactionalModel.Kind.ABORT : TransactionalModel.Kind.COMMIT));
        }
      }
      for (int producer = round % 3 * 4; producer < round % 3 * 4 + 4; producer++) {
        if (model.isOpen(producer)) {
          append(driver, model.end(producer, TransactionalModel.Kind.COMMIT));
          appended++;
        }
      }
      driver.flush();
      driver.clean(now + round * 100_000_000L).join();
      model.requireAgreement(driver);
      List<RecordBatch> batches = KeyedLog.batches(driver, 1 << 20);
      markers = (int) batches.stream().filter(b -> b.isControl() && b.recordCount() > 0).count();
      emptied += (int) batches.stream().filter(b -> b.recordCount() == 0).count();
      int records = batches.stream().mapToInt(RecordBatch::recordCount).sum();
      List<AbortedTransaction> aborted =
          driver.log().abortedTransactions(0, driver.log().logEndOffset()).run();
      driver.close();
      String logs = dump("--deep-iteration", files(LogNames.LOG));
      assertThat(occurrences("\\| offset: \\d+", logs)).isEqualTo(records);
      assertThat(occurrences("endTxnMarker: (COMMIT|ABORT)", logs)).isEqualTo(markers);
      String indexes = dump("--deep-iteration", files(LogNames.ABORTED_INDEX));
      assertThat(occurrences("firstOffset", indexes)).isEqualTo(aborted.size());
      dump("--deep-iteration", files(LogNames.OFFSET_INDEX));
      dump("--deep-iteration", files(LogNames.TIME_INDEX));
      dump("--deep-iteration", files(LogNames.PRODUCER_SNAPSHOT));
    }
    assertThat(markers).as("of the first two rounds most are gone").isBetween(1, appended * 3 / 4);
    assertThat(emptied).isPositive();
  }

  private static void append(LogDriver driver, TransactionalModel.Sent sent) {
    append(driver, sent.batch().duplicate(), sent.origin());
  }

  private LogDriver open() throws IOException {
    return new LogDriver(new ChannelLogFiles(100), temporary.resolve("orders-0"), SETTINGS);
  }

  private static int appendRandomly(LogDriver driver, Compression compression) {
    int records = 0;
    RecordBatchBuilder builder = new RecordBatchBuilder(compression, 1 << 20);
    for (int i = 0; i < 600; i++) {
      int count = 1 + i * 7 % 11;
      for (int record = 0; record < count; record++) {
        byte[] value =
            ("value " + i + "/" + record + " ".repeat(i % 97)).getBytes(StandardCharsets.UTF_8);
        // timestamps that also go back
        builder.append(1_000_000L + 50L * (i - i % 5 * 3) + record, null, value, List.of());
      }
      builder.producer(40 + i % 2, (short) 1, driver.sequenceAfter(40 + i % 2, count), false);
      driver.append(builder.build());
      records += count;
    }
    return records;
  }

  private void requireAccepted(int records) throws IOException {
    assertThat(files(LogNames.LOG)).hasSizeGreaterThan(5);
    String logs = dump("--deep-iteration", files(LogNames.LOG));
    String indexes = dump("--deep-iteration", files(LogNames.OFFSET_INDEX));
    String times = dump("--deep-iteration", files(LogNames.TIME_INDEX));
    String snapshots = dump("--deep-iteration", files(LogNames.PRODUCER_SNAPSHOT));
    assertThat(occurrences("\\| offset: \\d+", logs)).isEqualTo(records);
    assertThat(occurrences("offset: \\d+ position: \\d+", indexes)).isGreaterThan(50);
    assertThat(occurrences("timestamp: \\d+ offset: \\d+", times)).isGreaterThan(50);
    assertThat(occurrences("producerId: 4[01] ", snapshots)).isGreaterThanOrEqualTo(2);
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(temporary.resolve("orders-0"))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }
}
