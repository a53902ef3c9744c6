package dev.weir.storage;

import dev.weir.core.record.BatchFilter;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The disk work of one cleaning: reads the newest offset of every key of the dirty part, then
 * copies segment after segment without the records that a later one replaces. Put together in the
 * loop, with every segment pinned; its steps run on a {@code weir-clean-n} thread, one at a time;
 * {@link #abandon} may be called from anywhere.
 *
 * <p>The last batch of a copy stays, if need be without records, so that segments still end where
 * the next one begins and a lost one is noticed. So does a live producer's newest batch: its
 * sequence is what its next one is judged by. Records of aborted transactions count for nothing and
 * go; the marker that ended a transaction goes when nothing is left of it, and some time after.
 */
final class Cleaning {
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** What is known of an aborted transaction has less. */
  static final int ABORTED_BYTES = 256;

  private final LogHome home;
  private final LogSettings settings;
  private final Compaction.Part part;
  private final Transactions source;
  private final long nowMillis;
  private final CleaningLimits limits;
  private final BatchFilter filter;
  private final ProducerSnapshots snapshots;
  private final Deque<Long> snapshotsAhead = new ArrayDeque<>();
  private CleanedTransactions transactions = new CleanedTransactions(List.of(), false);
  private KeyOffsets keys = new KeyOffsets(0, 0);
  private boolean abortedAsked;
  private volatile boolean abandoned;
  private long cleanedTo;
  private long bytesRead;
  private long bytesWritten;
  private long bytesBefore;
  private long bytesKept;

  /**
   * What the loop knows of a part's producers.
   *
   * @param producers the live ones, by id
   * @param aborted finds what of the part is aborted; it is the cleaning's from now on
   * @param fromFirst whether the part begins with the log's first segment
   */
  record Transactions(
      Map<Long, ProducerStates.Newest> producers, AbortedLookup aborted, boolean fromFirst) {
    static Transactions of(LogHome home, LogContents contents, Compaction.Part part) {
      Segment first = part.segments().get(0);
      return new Transactions(
          contents.producers().newest(),
          AbortedLookup.of(home, contents.segments(), first.baseOffset(), part.endOffset()),
          first == contents.segments().first());
    }
  }

  Cleaning(
      LogHome home,
      LogSettings settings,
      Compaction.Part part,
      Transactions source,
      long nowMillis,
      CleaningLimits limits) {
    this.home = home;
    this.settings = settings;
    this.part = part;
    this.source = source;
    this.nowMillis = nowMillis;
    this.limits = limits;
    this.filter = new BatchFilter(settings.decompression());
    this.snapshots = new ProducerSnapshots(home.files(), home.directory());
    part.segments().forEach(segment -> segment.pins().pin());
  }

  /** The running step fails soon, with a {@link CleaningAbandonedException}. */
  void abandon() {
    abandoned = true;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** The last call. */
  void letGo() {
    if (!abortedAsked) {
      source.aborted().abandon();
    }
    part.segments().forEach(segment -> segment.pins().unpin());
  }

  /** First step: what was aborted, and as many keys as fit. */
  void readKeys() throws IOException {
    abortedAsked = true;
    long most = limits.keyTableBytes() / 2 / ABORTED_BYTES;
    List<AbortedTransaction> aborted = source.aborted().run(this::onTraffic, most);
    transactions = new CleanedTransactions(aborted, source.fromFirst());
    boolean all = aborted.size() <= most;
    long decidedTo = all ? Long.MAX_VALUE : aborted.get(aborted.size() - 1).lastStableOffset();
    for (long offset :
        snapshots.offsets(part.segments().get(0).baseOffset(), part.endOffset() - 1)) {
      snapshotsAhead.add(offset);
    }
    long keyBytes = limits.keyTableBytes() - (long) aborted.size() * ABORTED_BYTES;
    keys = new KeyOffsets(part.endOffset() - part.dirtyFrom(), keyBytes);
    cleanedTo = part.dirtyFrom();
    for (Segment segment : part.segments()) {
      boolean dirty = segment.nextOffset() > part.dirtyFrom();
      if (dirty && (segment.nextOffset() > decidedTo || !readKeys(segment))) {
        break;
      }
    }
    if (cleanedTo == part.dirtyFrom()) {
      throw new IOException(
          home.partition()
              + (all
                  ? " has a batch with more keys than fit in "
                  : " has more aborted transactions in a segment than fit in ")
              + limits.keyTableBytes()
              + " bytes; log.cleaner.dedupe.buffer.size must be larger");
    }
  }

  /** Returns false when there is no room for more. */
  private boolean readKeys(Segment segment) throws IOException {
    BatchScanner scanner = new BatchScanner(segment.file(), segment.size(), segment.nextOffset());
    for (RecordBatch batch = scanner.next(segment.baseOffset());
        batch != null;
        batch = scanner.next(batch.nextOffset())) {
      onRead(batch);
      if (batch.lastOffset() < part.dirtyFrom()) {
        continue;
      }
      if (!batch.isControl() && !transactions.isAborted(batch)) {
        if (!keys.hasRoomFor(batch.recordCount())) {
          return false;
        }
        readKeys(batch);
      }
      cleanedTo = batch.nextOffset();
    }
    requireWhole(scanner);
    return true;
  }

  private void readKeys(RecordBatch batch) {
    try (RecordCursor records = batch.records(settings.decompression())) {
      while (records.next()) {
        if (records.keySize() >= 0) {
          keys.put(records);
        }
      }
    }
  }

  /** Neighbours that together are not larger than a segment; what was not reached is left out. */
  List<List<Segment>> groups() {
    List<List<Segment>> groups = new ArrayList<>();
    List<Segment> group = new ArrayList<>();
    long bytes = 0;
    for (Segment segment : part.segments()) {
      if (segment.baseOffset() >= cleanedTo) {
        break;
      }
      bytes += segment.size();
      if (!group.isEmpty()
          && (bytes > settings.segmentBytes()
              || group.size() == SegmentSwap.MOST_SEGMENTS
              || segment.nextOffset() - 1 - group.get(0).baseOffset() > Integer.MAX_VALUE)) {
        groups.add(group);
        group = new ArrayList<>();
        bytes = segment.size();
      }
      group.add(segment);
    }
    groups.add(group);
    return groups;
  }

  /** What is to be swapped, and whether it is worth it. */
  record Copied(SegmentSwap swap, AbortedIndex.Summary aborted, boolean changed) {}

  /** Writes what stays of the group, durably, under other names. */
  Copied copy(List<Segment> group) throws IOException {
    List<Long> offsets = new ArrayList<>(group.stream().map(Segment::baseOffset).toList());
    offsets.add(group.get(group.size() - 1).nextOffset());
    SegmentSwap swap = new SegmentSwap(home, offsets);
    AbortedIndex.@Nullable Summary aborted = null;
    try {
      aborted = copy(group, swap);
    } finally {
      if (aborted == null) {
        discard(swap);
      }
    }
    return aborted == null
        ? new Copied(swap, AbortedIndex.Summary.NONE, false)
        : new Copied(swap, aborted, true);
  }

  /** Returns what is in the copy's index of aborted transactions; null if it is as the group. */
  private AbortedIndex.@Nullable Summary copy(List<Segment> group, SegmentSwap swap)
      throws IOException {
    AbortedIndex.@Nullable Summary aborted = null;
    boolean changed = group.size() > 1;
    try (SegmentCopy copy = SegmentCopy.create(home, swap, settings.indexIntervalBytes())) {
      for (Segment segment : group) {
        changed |= copy(segment, copy, swap.endOffset());
      }
      if (copy.nextOffset() != swap.endOffset()) {
        throw new IOException(
            "the copy of %s ends at offset %d, not %d"
                .formatted(group, copy.nextOffset(), swap.endOffset()));
      }
      if (changed) {
        aborted = copy.complete();
        bytesWritten += copy.size();
      }
      bytesKept += copy.size();
    }
    for (Segment segment : group) {
      bytesBefore += segment.size();
    }
    return aborted;
  }

  /** A failed attempt should not fill the disk. */
  private static void discard(SegmentSwap swap) {
    try {
      swap.discard();
    } catch (IOException failure) {
      // the next attempt or the next open tries again
    }
  }

  private boolean copy(Segment segment, SegmentCopy copy, long endOffset) throws IOException {
    boolean changed = false;
    BatchScanner scanner = new BatchScanner(segment.file(), segment.size(), segment.nextOffset());
    for (RecordBatch batch = scanner.next(segment.baseOffset());
        batch != null;
        batch = scanner.next(batch.nextOffset())) {
      onRead(batch);
      passSnapshots(batch.baseOffset());
      RecordBatch filtered = batch.isControl() ? filteredMarker(batch, copy) : filtered(batch);
      ProducerStates.@Nullable Newest newest = source.producers().get(batch.producerId());
      boolean stays =
          filtered.recordCount() > 0
              || batch.nextOffset() == endOffset
              || (newest != null && newest.isBatch(batch));
      changed |= !stays || filtered != batch;
      if (stays) {
        copy.append(filtered);
        onTraffic(filtered.sizeInBytes());
      }
    }
    requireWhole(scanner);
    return changed;
  }

  /** What recovery may begin with: transactions that are open there need their markers. */
  private void passSnapshots(long offset) throws IOException {
    while (!snapshotsAhead.isEmpty() && snapshotsAhead.getFirst() <= offset) {
      ProducerStates producers = snapshots.at(snapshotsAhead.removeFirst());
      if (producers != null) {
        transactions.onSnapshot(producers.inTransaction());
      }
    }
  }

  private RecordBatch filteredMarker(RecordBatch batch, SegmentCopy copy) {
    CleanedTransactions.Ending ending = transactions.onControl(batch);
    if (ending.hides() != null) {
      copy.onAborted(ending.hides());
    }
    if (ending.needed() || batch.baseOffset() >= cleanedTo) {
      return batch;
    }
    ProducerStates.@Nullable Newest newest = source.producers().get(batch.producerId());
    boolean goes = isDue(batch) && (newest == null || !newest.isMarker(batch));
    return goes ? filter.emptied(batch) : filter.withDeleteHorizon(batch, deleteHorizon());
  }

  private RecordBatch filtered(RecordBatch batch) {
    boolean untouched = batch.baseOffset() >= cleanedTo;
    transactions.onRecords(batch, untouched);
    if (untouched) {
      return batch;
    }
    if (transactions.isAborted(batch)) {
      return filter.emptied(batch);
    }
    boolean tombstonesGo = isDue(batch);
    return filter.filter(
        batch,
        record ->
            record.keySize() >= 0
                && keys.hasNothingNewer(record)
                && (record.valueSize() >= 0 || !tombstonesGo),
        deleteHorizon());
  }

  private long deleteHorizon() {
    long retention = settings.compaction().deleteRetention().toMillis();
    return nowMillis + Math.min(retention, Long.MAX_VALUE - Math.max(0, nowMillis));
  }

  /** Whether all readers have had the time to see what the batch says. */
  private boolean isDue(RecordBatch batch) {
    return batch.hasDeleteHorizon() && batch.deleteHorizon() <= nowMillis;
  }

  /** Last step: an earlier point than the true one only means that more is read again. */
  void writeCheckpoint() throws IOException {
    NumbersFile.replace(home.files(), home.file(LogNames.CLEANED_TO), cleanedTo);
    home.files().syncDirectory(home.directory());
  }

  CleaningReport report() {
    return new CleaningReport(cleanedTo, bytesRead, bytesWritten, bytesBefore, bytesKept);
  }

  private void onRead(RecordBatch batch) throws IOException {
    bytesRead += batch.sizeInBytes();
    onTraffic(batch.sizeInBytes());
  }

  private void onTraffic(long bytes) throws IOException {
    long wait = limits.pace().spend(bytes);
    while (wait > 0 && !abandoned) {
      long pause = Math.min(wait, LONGEST_PAUSE_NANOS);
      LockSupport.parkNanos(pause);
      limits.pace().onWaited(pause);
      wait -= pause;
    }
    if (abandoned) {
      throw new CleaningAbandonedException(home);
    }
  }

  private void requireWhole(BatchScanner scanner) throws IOException {
    if (!scanner.reachedEnd()) {
      throw new IOException(home.partition() + " is damaged: " + scanner.problem());
    }
  }
}
