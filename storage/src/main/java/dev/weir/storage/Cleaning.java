package dev.weir.storage;

import dev.weir.core.record.BatchFilter;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The disk work of one cleaning: reads the newest offset of every key of the dirty part, then
 * copies segment after segment without the records that a later one replaces. Put together in the
 * loop, with every segment pinned; its steps run on a {@code weir-clean-n} thread, one at a time;
 * {@link #abandon} may be called from anywhere.
 *
 * <p>The last batch of a copy stays, if need be without records, so that segments still end where
 * the next one begins and a lost one is noticed. So does a live producer's newest batch: its
 * sequence is what its next one is judged by.
 */
final class Cleaning {
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final LogHome home;
  private final LogSettings settings;
  private final Compaction.Part part;
  private final long nowMillis;
  private final Map<Long, Long> newestOfProducers;
  private final CleaningLimits limits;
  private final BatchFilter filter;
  private KeyOffsets keys = new KeyOffsets(0, 0);
  private volatile boolean abandoned;
  private long cleanedTo;
  private long bytesRead;
  private long bytesWritten;
  private long bytesBefore;
  private long bytesKept;

  /**
   * @param newestOfProducers last offset of the newest batch of each live producer, by its id
   */
  Cleaning(
      LogHome home,
      LogSettings settings,
      Compaction.Part part,
      long nowMillis,
      Map<Long, Long> newestOfProducers,
      CleaningLimits limits) {
    this.home = home;
    this.settings = settings;
    this.part = part;
    this.nowMillis = nowMillis;
    this.newestOfProducers = newestOfProducers;
    this.limits = limits;
    this.filter = new BatchFilter(settings.decompression());
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
    part.segments().forEach(segment -> segment.pins().unpin());
  }

  /** First step: as many keys as fit. */
  void readKeys() throws IOException {
    keys = new KeyOffsets(part.endOffset() - part.dirtyFrom(), limits.keyTableBytes());
    cleanedTo = part.dirtyFrom();
    for (Segment segment : part.segments()) {
      if (segment.nextOffset() > part.dirtyFrom() && !readKeys(segment)) {
        break;
      }
    }
    if (cleanedTo == part.dirtyFrom()) {
      throw new IOException(
          home.partition()
              + " has a batch with more keys than fit in "
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
      if (!batch.isControl()) {
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
  record Copied(SegmentSwap swap, boolean changed) {}

  /** Writes what stays of the group, durably, under other names. */
  Copied copy(List<Segment> group) throws IOException {
    List<Long> offsets = new ArrayList<>(group.stream().map(Segment::baseOffset).toList());
    offsets.add(group.get(group.size() - 1).nextOffset());
    SegmentSwap swap = new SegmentSwap(home, offsets);
    boolean changed = false;
    try {
      changed = copy(group, swap);
    } finally {
      if (!changed) {
        discard(swap);
      }
    }
    return new Copied(swap, changed);
  }

  /** Returns whether it differs from the group. */
  private boolean copy(List<Segment> group, SegmentSwap swap) throws IOException {
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
        copy.complete();
        bytesWritten += copy.size();
      }
      bytesKept += copy.size();
    }
    for (Segment segment : group) {
      bytesBefore += segment.size();
    }
    return changed;
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
      RecordBatch filtered = filtered(batch);
      boolean stays =
          filtered.recordCount() > 0
              || batch.nextOffset() == endOffset
              || isNewestOfItsProducer(batch);
      changed |= !stays || filtered != batch;
      if (stays) {
        copy.append(filtered);
        onTraffic(filtered.sizeInBytes());
      }
    }
    requireWhole(scanner);
    return changed;
  }

  private RecordBatch filtered(RecordBatch batch) {
    if (batch.isControl() || batch.baseOffset() >= cleanedTo) {
      return batch;
    }
    boolean tombstonesGo = batch.hasDeleteHorizon() && batch.deleteHorizon() <= nowMillis;
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

  private boolean isNewestOfItsProducer(RecordBatch batch) {
    Long newest = newestOfProducers.get(batch.producerId());
    return newest != null && newest == batch.lastOffset();
  }

  /** Last step: an earlier point than the true one only means that more is read again. */
  void writeCheckpoint() throws IOException {
    NumbersFile.replace(home.files(), home.file(LogNames.CLEANED_TO), cleanedTo);
    home.files().syncDirectory(home.directory());
  }

  CleaningReport report() {
    return new CleaningReport(cleanedTo, bytesRead, bytesWritten, bytesBefore, bytesKept);
  }

  /**
   * A record of an aborted transaction must not count as the newest of its key, and which ones were
   * aborted is not asked yet: such a log stays as it is.
   */
  private void onRead(RecordBatch batch) throws IOException {
    if (batch.isTransactional()) {
      throw new IOException(
          home.partition() + " has transactions, and such a log is not compacted yet");
    }
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
