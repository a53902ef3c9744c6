package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.EndTransactionMarker;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was appended to a log of keyed records, in transactions and outside, and what readers may
 * and must see of it however much was compacted away.
 */
final class TransactionalModel {
  enum Kind {
    PLAIN,
    TRANSACTIONAL,
    COMMIT,
    ABORT
  }

  /** A batch; a marker has no entries. */
  record Sent(
      long offset,
      Kind kind,
      int producer,
      int sequence,
      ByteBuffer batch,
      List<KeyedLog.Entry> entries) {
    boolean isMarker() {
      return kind == Kind.COMMIT || kind == Kind.ABORT;
    }

    long nextOffset() {
      return offset + Math.max(1, entries.size());
    }

    AppendOrigin origin() {
      return isMarker() ? AppendOrigin.COORDINATOR : AppendOrigin.VERIFIED_CLIENT;
    }
  }

  private final List<Sent> sent = new ArrayList<>();

  /** Appends an end of the producer's transaction, or what belongs to none if it has none open. */
  Sent end(int producer, Kind kind) {
    ControlRecordType type =
        kind == Kind.COMMIT ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
    return add(kind, producer, 0, TestBatches.marker(type, id(producer), 0, 0), List.of());
  }

  /**
   * Appends records {@code key=value} or, without a value, {@code key}.
   *
   * @param transactional whether they are of a transaction; they are if one is open
   */
  Sent append(
      int producer, boolean transactional, Compression codec, long timestamp, String... records) {
    boolean inTransaction = transactional || isOpen(producer);
    int sequence = nextSequence(producer);
    RecordBatchBuilder builder = KeyedLog.builder(codec, timestamp, records);
    builder.producer(id(producer), (short) 0, sequence, inTransaction);
    List<KeyedLog.Entry> entries = new ArrayList<>();
    for (String record : records) {
      int at = record.indexOf('=');
      entries.add(
          new KeyedLog.Entry(
              endOffset() + entries.size(),
              timestamp,
              at < 0 ? record : record.substring(0, at),
              at < 0 ? null : record.substring(at + 1)));
    }
    return add(
        inTransaction ? Kind.TRANSACTIONAL : Kind.PLAIN,
        producer,
        sequence,
        builder.build(),
        entries);
  }

  private Sent add(
      Kind kind, int producer, int sequence, ByteBuffer batch, List<KeyedLog.Entry> entries) {
    Sent added = new Sent(endOffset(), kind, producer, sequence, batch, entries);
    sent.add(added);
    return added;
  }

  long endOffset() {
    return sent.isEmpty() ? 0 : sent.get(sent.size() - 1).nextOffset();
  }

  /** What lies beyond was lost. */
  void cutTo(long end) {
    sent.removeIf(each -> each.offset() >= end);
    assertThat(endOffset()).as("only what was sent").isEqualTo(end);
  }

  boolean isOpen(int producer) {
    boolean open = false;
    for (Sent each : sent) {
      if (each.producer() == producer) {
        open = each.kind() == Kind.TRANSACTIONAL;
      }
    }
    return open;
  }

  private int nextSequence(int producer) {
    int next = 0;
    for (Sent each : sent) {
      if (each.producer() == producer && !each.isMarker()) {
        next = each.sequence() + each.entries().size();
      }
    }
    return next;
  }

  private static long id(int producer) {
    return 100L + producer;
  }

  private long lastStableOffset() {
    Map<Integer, Long> open = new TreeMap<>();
    for (Sent each : sent) {
      if (each.kind() == Kind.TRANSACTIONAL) {
        open.putIfAbsent(each.producer(), each.offset());
      } else if (each.isMarker()) {
        open.remove(each.producer());
      }
    }
    return open.values().stream().min(Comparator.naturalOrder()).orElse(endOffset());
  }

  /** What a reader of committed records would see had nothing been compacted. */
  private List<KeyedLog.Entry> committed() {
    long stable = lastStableOffset();
    List<KeyedLog.Entry> committed = new ArrayList<>();
    Map<Integer, List<KeyedLog.Entry>> undecided = new TreeMap<>();
    for (Sent each : sent) {
      switch (each.kind()) {
        case PLAIN -> committed.addAll(each.entries());
        case TRANSACTIONAL ->
            undecided
                .computeIfAbsent(each.producer(), producer -> new ArrayList<>())
                .addAll(each.entries());
        case COMMIT -> {
          List<KeyedLog.Entry> decided = undecided.remove(each.producer());
          committed.addAll(decided == null ? List.of() : decided);
        }
        case ABORT -> undecided.remove(each.producer());
      }
    }
    committed.removeIf(entry -> entry.offset() >= stable);
    committed.sort(Comparator.comparing(KeyedLog.Entry::offset));
    return committed;
  }

  /** The log shows what it may, and all that it must; and it knows its producers. */
  void requireAgreement(LogDriver driver) throws IOException {
    PartitionLog log = driver.log();
    assertThat(log.logEndOffset()).isEqualTo(endOffset());
    long stable = lastStableOffset();
    assertThat(log.lastStableOffset(endOffset())).isEqualTo(stable);
    List<AbortedTransaction> aborted =
        log.abortedTransactions(log.logStartOffset(), endOffset()).run();
    List<RecordBatch> batches = KeyedLog.batches(driver, 700);
    List<KeyedLog.Entry> all = new ArrayList<>();
    sent.forEach(each -> all.addAll(each.entries()));
    assertThat(without(KeyedLog.entries(batches), all)).as("what was never sent").isEmpty();
    batches.removeIf(batch -> batch.lastOffset() >= stable);
    List<KeyedLog.Entry> seen = KeyedLog.entries(visible(batches, aborted));
    assertThat(KeyedLog.entries(visibleToKafka(batches, aborted))).isEqualTo(seen);
    List<KeyedLog.Entry> committed = committed();
    assertThat(without(seen, committed)).as("what was not committed").isEmpty();
    assertThat(KeyedLog.fold(seen)).isEqualTo(KeyedLog.fold(committed));
    Map<String, KeyedLog.Entry> last = KeyedLog.newest(committed);
    last.values().removeIf(entry -> entry.value() == null);
    assertThat(without(last.values(), seen)).as("the newest that are missing").isEmpty();
    requireDuplicates(log);
  }

  private static List<KeyedLog.Entry> without(
      Collection<KeyedLog.Entry> entries, Collection<KeyedLog.Entry> known) {
    Set<KeyedLog.Entry> all = new HashSet<>(known);
    return entries.stream().filter(entry -> !all.contains(entry)).toList();
  }

  private void requireDuplicates(PartitionLog log) {
    Map<Integer, Sent> newest = new TreeMap<>();
    for (Sent each : sent) {
      if (!each.isMarker()) {
        newest.put(each.producer(), each);
      }
    }
    for (Sent each : newest.values()) {
      assertThat(log.append(each.batch().duplicate(), Integer.MAX_VALUE, each.origin()))
          .isEqualTo(new AppendOutcome.Duplicate(each.offset(), each.nextOffset() - 1));
    }
  }

  /** By where the transactions begin and end. */
  static List<RecordBatch> visible(List<RecordBatch> batches, List<AbortedTransaction> aborted) {
    return batches.stream()
        .filter(
            batch ->
                !batch.isTransactional()
                    || aborted.stream()
                        .noneMatch(
                            each ->
                                each.producerId() == batch.producerId()
                                    && each.reaches(batch.baseOffset(), batch.nextOffset())))
        .toList();
  }

  /** As Kafka's consumer does it: a transaction begins where the index says, its marker ends it. */
  static List<RecordBatch> visibleToKafka(
      List<RecordBatch> batches, List<AbortedTransaction> aborted) {
    PriorityQueue<AbortedTransaction> ahead =
        new PriorityQueue<>(Comparator.comparing(AbortedTransaction::firstOffset));
    ahead.addAll(aborted);
    Set<Long> aborting = new HashSet<>();
    List<RecordBatch> visible = new ArrayList<>();
    for (RecordBatch batch : batches) {
      while (!ahead.isEmpty() && ahead.peek().firstOffset() <= batch.lastOffset()) {
        aborting.add(ahead.remove().producerId());
      }
      EndTransactionMarker marker = EndTransactionMarker.of(batch);
      if (marker != null && marker.aborts()) {
        aborting.remove(batch.producerId());
      } else if (!batch.isTransactional() || !aborting.contains(batch.producerId())) {
        visible.add(batch);
      }
    }
    return visible;
  }
}
