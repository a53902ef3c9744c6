package dev.weir.storage;

import dev.weir.core.record.RecordBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * Builds a log's contents from its files: from indexes, snapshots and checkpoints where they can be
 * trusted, else batch by batch through the same bookkeeping as an append. One use, one thread.
 */
final class LogReplay {
  private final LogHome home;
  private final LogSettings settings;
  private final long verifyFrom;
  private final long cleanEndOffset;
  private final List<Segment> verified = new ArrayList<>();
  private final Segments segments = new Segments();
  private ProducerStates producers = new ProducerStates();
  private final LeaderEpochs epochs = new LeaderEpochs();
  private final LeaderEpochs checkpoint = new LeaderEpochs();
  private long captureOffset;
  private final List<FlushPlan.PendingSnapshot> captured = new ArrayList<>();
  private long producersFrom;
  private AbortedIndex.@Nullable Summary abortedBefore;
  private long epochsFrom;
  private long endOffset;
  private long scannedBytes;
  private long flushPoint;
  private boolean whole = true;
  private String problem = "";

  /**
   * @param verifyFrom base offset of the first segment that is not known to be flushed
   * @param cleanEndOffset log end offset as the marker of a clean shutdown has it, -1 without one
   */
  LogReplay(LogHome home, LogSettings settings, long verifyFrom, long cleanEndOffset) {
    this.home = home;
    this.settings = settings;
    this.verifyFrom = verifyFrom;
    this.cleanEndOffset = cleanEndOffset;
  }

  /**
   * The persisted flush point: the end of a batch, and what was flushed below it has a second
   * witness.
   */
  void crossCheckBelow(long flushPoint) {
    this.flushPoint = flushPoint;
  }

  /**
   * Take down what producers had done when the log ended there, if it begins below, and at the
   * start of every segment that was not flushed: the one before it may be deleted next.
   */
  void captureAt(long offset) {
    captureOffset = offset;
  }

  /** What was met and is not known to be on disk. */
  List<FlushPlan.PendingSnapshot> captured() {
    return captured;
  }

  void run(NavigableSet<Long> baseOffsets, ProducerSnapshots snapshots, long nowMillis)
      throws IOException {
    long start = baseOffsets.first();
    ProducerSnapshots.Loaded loaded = load(baseOffsets, snapshots);
    producers = loaded.producers();
    producersFrom = loaded.offset();
    abortedBefore = loaded.aborted();
    boolean haveEpochs = epochs.load(home.files(), home.file(LogNames.LEADER_EPOCHS), verifyFrom);
    epochsFrom = haveEpochs ? verifyFrom : start;
    checkpoint.load(home.files(), home.file(LogNames.LEADER_EPOCHS), Long.MAX_VALUE);
    endOffset = start;
    for (long baseOffset : baseOffsets) {
      Long next = baseOffsets.higher(baseOffset);
      if (!replay(baseOffset, next == null ? cleanEndOffset : next, next == null, nowMillis)) {
        return;
      }
      if (next != null) {
        segments.active().seal();
      }
    }
  }

  /**
   * The newest snapshot, if the active segment goes on from there with an index of aborted
   * transactions that is as it must be.
   */
  private ProducerSnapshots.Loaded load(NavigableSet<Long> baseOffsets, ProducerSnapshots snapshots)
      throws IOException {
    long start = baseOffsets.first();
    long active = baseOffsets.last();
    ProducerSnapshots.Loaded loaded =
        snapshots.newestUpTo(
            cleanEndOffset < 0 ? verifyFrom : Math.min(verifyFrom, cleanEndOffset), start);
    return loaded.offset() <= active || agrees(active, loaded.aborted())
        ? loaded
        : snapshots.newestUpTo(active, start);
  }

  private boolean agrees(long baseOffset, AbortedIndex.@Nullable Summary expected)
      throws IOException {
    AbortedIndex index =
        AbortedIndex.open(home.files(), home.file(LogNames.of(baseOffset, LogNames.ABORTED_INDEX)));
    try {
      return expected != null && index.trust(expected);
    } finally {
      index.close();
    }
  }

  /** Returns false when the log ends in or before this segment. */
  private boolean replay(long baseOffset, long nextOffset, boolean last, long nowMillis)
      throws IOException {
    if (baseOffset != endOffset) {
      return stop(
          "offset " + endOffset + " should come next but the next segment begins at " + baseOffset);
    }
    boolean wanted = baseOffset == captureOffset || baseOffset >= verifyFrom;
    if (wanted && !segments.isEmpty() && producersFrom < baseOffset) {
      captured.add(
          new FlushPlan.PendingSnapshot(
              baseOffset, ProducerSnapshot.of(producers, segments.active().aborted().summary())));
    }
    Segment segment = openSegment(baseOffset);
    segments.add(segment);
    takeAborted(segment, nextOffset);
    boolean trusted = baseOffset < verifyFrom && segment.trust(nextOffset) && segment.isIndexed();
    if (trusted && nextOffset <= producersFrom && nextOffset <= epochsFrom) {
      endOffset = nextOffset;
      return true;
    }
    return scan(segment, trusted, last ? Long.MAX_VALUE : nextOffset, nowMillis);
  }

  /** What is known to be flushed needs no descriptor until it is read. */
  private Segment openSegment(long baseOffset) throws IOException {
    boolean complete = true;
    for (String suffix : List.of(LogNames.LOG, LogNames.OFFSET_INDEX, LogNames.TIME_INDEX)) {
      complete &= home.files().exists(home.file(LogNames.of(baseOffset, suffix)));
    }
    return complete && baseOffset < verifyFrom
        ? Segment.settled(home.files(), home.directory(), baseOffset)
        : Segment.open(home.files(), home.directory(), baseOffset);
  }

  /** What is replayed from its first batch on says it anew; of what is not, a snapshot may. */
  private void takeAborted(Segment segment, long nextOffset) throws IOException {
    if (segment.baseOffset() >= producersFrom) {
      segment.aborted().clear();
    } else if (nextOffset == producersFrom && abortedBefore != null) {
      segment.aborted().trust(abortedBefore);
    }
  }

  private boolean scan(Segment segment, boolean trusted, long limit, long nowMillis)
      throws IOException {
    if (!trusted) {
      segment.clearIndexes();
      verified.add(segment);
    }
    long most = Math.min(limit, segment.baseOffset() + Integer.MAX_VALUE + 1L); // see hasRoomFor
    BatchScanner scanner = new BatchScanner(segment.file(), segment.file().size(), most);
    for (RecordBatch read = scanner.next(endOffset); read != null; read = scanner.next(endOffset)) {
      StoredBatch batch = StoredBatch.readBack(read);
      if (leadsOverFlushPoint(batch, limit == Long.MAX_VALUE)) {
        return stop(
            segment
                + ": the batch after offset "
                + endOffset
                + " claims offsets up to "
                + batch.lastOffset()
                + ", beyond the flush point "
                + flushPoint);
      }
      if (!epochFits(batch, scanner)) {
        return stop(
            segment
                + ": the batch at offset "
                + batch.baseOffset()
                + " has leader epoch "
                + batch.leaderEpoch()
                + ", which does not fit to what surrounds it");
      }
      if (!trusted) {
        segment.onBatch(batch, settings.indexIntervalBytes());
      }
      if (batch.baseOffset() >= producersFrom) {
        AbortedTransaction aborted = producers.onBatch(batch, nowMillis);
        if (aborted != null) {
          segment.aborted().add(aborted);
        }
      }
      if (batch.baseOffset() >= epochsFrom) {
        epochs.onBatch(batch.leaderEpoch(), batch.baseOffset());
      }
      endOffset = batch.nextOffset();
    }
    scannedBytes += scanner.position();
    return scanner.reachedEnd() || stop(scanner.problem());
  }

  /**
   * The flush point was the end of a batch. Compaction may have taken that batch when a later flush
   * point could not be written, but not from the last segment.
   */
  private boolean leadsOverFlushPoint(StoredBatch batch, boolean inLastSegment) {
    long from = inLastSegment ? endOffset : batch.baseOffset();
    return from < flushPoint && batch.nextOffset() > flushPoint;
  }

  /**
   * The checksum does not cover the leader epoch. Below the flush point the checkpoint tells it;
   * above, epochs only rise, and one that would make the next batch's fall is itself the wrong one.
   */
  private boolean epochFits(StoredBatch batch, BatchScanner scanner) throws IOException {
    int epoch = batch.leaderEpoch();
    int known = checkpoint.checked(batch.baseOffset());
    if (epoch == known) {
      return true;
    }
    if (batch.baseOffset() < flushPoint && known != LeaderEpochs.NOT_KNOWN) {
      return false;
    }
    int latest = latestEpoch(batch.baseOffset());
    return epoch == latest || (epoch > latest && epoch <= scanner.epochBehind(batch.nextOffset()));
  }

  private int latestEpoch(long offset) {
    return offset >= epochsFrom ? epochs.latest() : -1;
  }

  private boolean stop(String why) {
    whole = false;
    problem = why;
    return false;
  }

  /** Whether the file of epochs has others than the batches, as before a tail was cut. */
  boolean epochsDiffer() {
    return !Arrays.equals(epochs.encode(), checkpoint.encode());
  }

  /** What was found, up to the last whole batch. */
  LogContents contents() {
    return new LogContents(segments, producers, epochs, settings.indexIntervalBytes());
  }

  /** Segments that were read because they, or their indexes, could not be trusted. */
  List<Segment> verified() {
    return verified;
  }

  long endOffset() {
    return endOffset;
  }

  long scannedBytes() {
    return scannedBytes;
  }

  /** Whether nothing that is not a whole batch was met. */
  boolean whole() {
    return whole;
  }

  /** Why it stopped, when it is not whole. */
  String problem() {
    return problem;
  }
}
