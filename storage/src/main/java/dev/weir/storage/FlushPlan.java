package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One flush: what has to reach stable storage, put together in the loop, carried out by {@link
 * #run} on a flush thread.
 *
 * <p>Order is the argument. Batches first, in log order; then the small files, each forced under a
 * temporary name; then the directory, so that every file the log needs can be found; only then does
 * the offset count as flushed, and only then may the persisted flush point name it, or the start of
 * the log move up to it. Segments are pinned while the plan exists.
 */
final class FlushPlan {
  /** A producer snapshot to be written. */
  record PendingSnapshot(long offset, ProducerSnapshot snapshot) {}

  private final LogHome home;
  private final long endOffset;
  private final List<Segment> sealed;
  private final Segment active;
  private final List<PendingSnapshot> snapshots = new ArrayList<>();
  private byte @Nullable [] epochs;
  private @Nullable Trim trim;
  private @Nullable EndMove endMove;
  private boolean syncDirectory;
  private boolean persistFlushPoint;
  private long markedEnd = -1;

  /**
   * @param sealed segments that were completed since the last plan, in order; their indexes are
   *     flushed too
   */
  FlushPlan(LogHome home, long endOffset, List<Segment> sealed, Segment active) {
    this.home = home;
    this.endOffset = endOffset;
    this.sealed = sealed;
    this.active = active;
    sealed.forEach(segment -> segment.pins().pin());
    active.pins().pin();
  }

  void addSnapshots(List<PendingSnapshot> pending) {
    snapshots.addAll(pending);
  }

  void writeEpochs(byte[] content) {
    epochs = content;
  }

  void syncDirectory() {
    syncDirectory = true;
  }

  /**
   * The marker of a clean shutdown goes, now that the log changes; everything below its end offset
   * had been flushed, which the flush point says from now on.
   */
  void replaceMarker(long endOffset) {
    markedEnd = endOffset;
    syncDirectory = true;
  }

  void persistFlushPoint() {
    persistFlushPoint = true;
  }

  /** Its start must not be above the plan's end offset. */
  void trim(Trim afterwards) {
    trim = afterwards;
  }

  /** Its offset may be anywhere: everything is flushed before. Not together with a trim. */
  void moveEnd(EndMove afterwards) {
    endMove = afterwards;
  }

  boolean movesEnd() {
    return endMove != null;
  }

  @Nullable Trim trim() {
    return trim;
  }

  List<Segment> sealed() {
    return sealed;
  }

  List<PendingSnapshot> snapshots() {
    return snapshots;
  }

  long endOffset() {
    return endOffset;
  }

  /**
   * What a flush achieved besides the batches; a small file that failed is written again later.
   *
   * @param unmarked there is no marker of a clean shutdown any more
   * @param segmentsTrimmed how many segments went with a trim, -1 when the start did not move
   * @param endMoved null when the end did not move
   */
  record Done(
      boolean smallFilesWritten,
      boolean flushPointPersisted,
      boolean unmarked,
      int segmentsTrimmed,
      EndMove.@Nullable Moved endMoved) {}

  /**
   * Blocks on the disk. Lets go of the segments in any case.
   *
   * @throws NoDescriptorException a directory could not be opened; the same plan may be tried again
   * @throws IOException a flush failed: nothing above the last flushed offset can be trusted any
   *     more
   */
  Done run() throws IOException {
    try {
      for (Segment segment : sealed) {
        segment.file().force();
        segment.forceIndexes();
      }
      active.file().force();
      boolean written = writeSmallFiles();
      boolean unmarked = dropMarker();
      if (syncDirectory || epochs != null || !snapshots.isEmpty()) {
        home.files().syncDirectory(home.directory());
      }
      boolean pointPersisted = persistFlushPoint && written && writeFlushPoint();
      int trimmed = trim == null ? -1 : trim.run(written ? 0 : snapshots.size());
      EndMove.Moved moved = endMove == null || !unmarked ? null : endMove.run();
      return new Done(written, pointPersisted, unmarked, trimmed, moved);
    } catch (NoDescriptorException notBegun) {
      throw notBegun;
    } catch (IOException failure) {
      noteFailure(home);
      throw failure;
    } finally {
      abandon();
    }
  }

  /** Lets go of the segments; the plan is not run. */
  void abandon() {
    sealed.forEach(segment -> segment.pins().unpin());
    active.pins().unpin();
    if (endMove != null) {
      endMove.letGo();
    }
  }

  /**
   * These can be built from the batches, so a failure costs time at the next start and nothing
   * else.
   */
  private boolean writeSmallFiles() {
    LogFiles files = home.files();
    try {
      if (epochs != null) {
        SmallFile.replace(files, home.file(LogNames.LEADER_EPOCHS), epochs);
      }
      for (PendingSnapshot each : snapshots) {
        new ProducerSnapshots(files, home.directory()).write(each.offset(), each.snapshot());
      }
      return true;
    } catch (IOException failure) {
      return false;
    }
  }

  private boolean dropMarker() {
    if (markedEnd < 0) {
      return true;
    }
    LogFiles files = home.files();
    Path point = home.file(LogNames.RECOVERY_POINT);
    try {
      long[] persisted = NumbersFile.read(files, point, 1);
      if (markedEnd > 0 && (persisted == null || persisted[0] != markedEnd)) {
        NumbersFile.replace(files, point, markedEnd);
      }
      files.delete(home.file(LogNames.CLEAN_SHUTDOWN));
      return true;
    } catch (IOException noSpace) {
      return false; // it stays and is not believed, because the log has grown; the next flush tries
    }
  }

  /** Tells the next start not to believe the page cache; as well as a failing disk lets us do. */
  static void noteFailure(LogHome home) {
    try {
      // need not be durable: a power cut empties the page cache, and then there is nothing to
      // mistrust
      home.files().delete(home.file(LogNames.FLUSHES_INTACT));
    } catch (IOException alsoFailed) {
      // nothing more can be done here; the log is offline either way
    }
  }

  private boolean writeFlushPoint() {
    try {
      NumbersFile.replace(home.files(), home.file(LogNames.RECOVERY_POINT), endOffset);
      return true;
    } catch (IOException failure) {
      return false;
    }
  }
}
