package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes everything from a batch on out of a log (KIP-101: what a follower has and its leader does
 * not).
 *
 * <p>The order is the argument. First the disk stops vouching for what goes, durably: the flush
 * point moves down to the segment that is cut, and snapshots and leader epochs above it go; a crash
 * then finds a tail that may be torn. Then the segments go, the last one first, and the one that is
 * cut is truncated and forced before its end counts. What stays is read again, so that producers
 * and indexes are those of a log that never had more.
 *
 * <p>A file that is cut to nothing is replaced, and behind one that is cut elsewhere no batch is
 * appended: a range that is out fails beyond the cut, it never shows other bytes.
 */
final class Truncation implements EndMove {
  private final LogHome home;
  private final LogSettings settings;
  private final long offset;
  private final long startOffset;
  private final long nowMillis;
  private final Segment cut;
  private final SegmentView view;
  private final List<Segment> after;
  private final NavigableSet<Long> kept;
  private final List<Long> going = new ArrayList<>();
  private final byte[] epochsBelow;

  /**
   * In the loop.
   *
   * @param offset between the log's start and its end
   */
  Truncation(
      LogHome home, LogSettings settings, LogContents contents, long offset, long nowMillis) {
    this.home = home;
    this.settings = settings;
    this.offset = offset;
    this.startOffset = contents.logStartOffset();
    this.nowMillis = nowMillis;
    this.cut = Objects.requireNonNull(contents.segments().holding(offset));
    this.after = contents.segments().startingAbove(cut.baseOffset());
    this.kept = new TreeSet<>();
    for (Segment segment : contents.segments().all()) {
      if (segment.baseOffset() <= cut.baseOffset()) {
        kept.add(segment.baseOffset());
      }
    }
    after.forEach(segment -> going.add(segment.baseOffset()));
    going.add(contents.logEndOffset()); // there may be a snapshot
    this.epochsBelow = contents.epochs().encodeBelow(cut.baseOffset());
    this.view = new SegmentView(cut);
  }

  @Override
  public void letGo() {
    view.letGo();
  }

  @Override
  public @Nullable Moved run() throws IOException {
    int position;
    try {
      position = findPosition();
      if (endBefore(position) < startOffset) {
        return null; // the start lies within the batch that would have to go
      }
      prepare();
    } catch (NoDescriptorException | UnsyncedException failure) {
      throw failure;
    } catch (IOException noSpace) {
      return null; // at most less is vouched for than could be
    }
    try {
      withdraw();
      remove(position);
      return replay();
    } catch (NoDescriptorException tooLate) {
      throw new IOException("truncating " + home.partition() + " was interrupted", tooLate);
    }
  }

  /** Where the batch that holds the offset, or the first one after it, starts. */
  private int findPosition() throws IOException {
    HeaderWalk walk = view.seek(offset);
    return walk.lastOffset() < offset ? walk.batchEnd() : walk.batchStart();
  }

  private long endBefore(int position) throws IOException {
    if (position == 0) {
      return cut.baseOffset();
    }
    HeaderWalk walk = new HeaderWalk(cut.file(), position, cut.baseOffset(), cut.nextOffset());
    walk.moveTo(0);
    while (walk.moveToNext()) {
      // on to the last batch that stays
    }
    return walk.lastOffset() + 1;
  }

  /** All that needs space. */
  private void prepare() throws IOException {
    LogFiles files = home.files();
    UntrustedDirectory.noteDeletion(home, going);
    Path point = home.file(LogNames.RECOVERY_POINT);
    long[] persisted = NumbersFile.read(files, point, 1);
    if (persisted == null ? files.exists(point) : persisted[0] > cut.baseOffset()) {
      NumbersFile.replace(files, point, cut.baseOffset());
    }
    UnsyncedException.syncDirectory(home); // before the epochs above the point go
    SmallFile.replace(files, home.file(LogNames.LEADER_EPOCHS), epochsBelow);
  }

  private void withdraw() throws IOException {
    LogFiles files = home.files();
    long[] cleanedTo = NumbersFile.read(files, home.file(LogNames.CLEANED_TO), 1);
    if (cleanedTo == null || cleanedTo[0] > cut.baseOffset()) {
      files.delete(home.file(LogNames.CLEANED_TO));
    }
    new ProducerSnapshots(files, home.directory()).deleteUnless(each -> each <= cut.baseOffset());
    files.syncDirectory(home.directory());
  }

  private void remove(int position) throws IOException {
    for (int i = after.size() - 1; i >= 0; i--) {
      after.get(i).outliveNames();
      LogStart.deleteSegment(home, after.get(i).baseOffset());
    }
    if (position == 0) {
      cut.outliveNames();
      SmallFile.replace(home.files(), cut.file().path(), new byte[0]);
    } else {
      cut.file().truncate(position);
      cut.file().force();
    }
    home.files().syncDirectory(home.directory());
    UntrustedDirectory.forgetDeletion(home);
  }

  private Moved replay() throws IOException {
    ProducerSnapshots snapshots = new ProducerSnapshots(home.files(), home.directory());
    long from = snapshots.newestUpTo(cut.baseOffset(), kept.first()).offset();
    LogReplay replay = new LogReplay(home, settings, cut.baseOffset(), -1);
    replay.run(kept.tailSet(from, true), snapshots, nowMillis);
    List<Segment> read = new ArrayList<>(replay.contents().segments().all());
    Segment active = read.remove(read.size() - 1);
    read.forEach(earlier -> earlier.retire(Runnable::run, () -> {}));
    if (!replay.whole()) {
      active.retire(Runnable::run, () -> {});
      throw new IOException(replay.problem());
    }
    return new Moved(
        startOffset, replay.endOffset(), cut.baseOffset(), active, replay.contents().producers());
  }
}
