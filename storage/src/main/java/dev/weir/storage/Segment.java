package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A stretch of the log: one file of batches with its indexes. Owned by the log's loop, except that
 * pinned readers and flushes use its files; these stay open until the owner has {@linkplain #retire
 * retired} it and the last pin is gone.
 */
final class Segment {
  private final long baseOffset;
  private final LogFile file;
  private final SparseIndex offsetIndex;
  private final SparseIndex timeIndex;
  private final AbortedIndex aborted;
  private final ReadHints hints = new ReadHints();
  private final WarmRanges warmRanges = new WarmRanges();
  private final Pins pins = new Pins(this::dispose);
  private volatile Executor closer = Runnable::run;
  private volatile Runnable whenClosed = () -> {};

  private final SegmentAge age = new SegmentAge();
  private int size;
  private long nextOffset;
  private long maxTimestamp = -1;
  private long maxTimestampOffset;

  private Segment(
      long baseOffset,
      LogFile file,
      SparseIndex offsetIndex,
      SparseIndex timeIndex,
      AbortedIndex aborted) {
    this.baseOffset = baseOffset;
    this.file = file;
    this.offsetIndex = offsetIndex;
    this.timeIndex = timeIndex;
    this.aborted = aborted;
    this.nextOffset = baseOffset;
    this.maxTimestampOffset = baseOffset;
  }

  /**
   * Creates the files of an empty segment, the log last: only it makes a segment exist, so a
   * failure on the way leaves nothing behind that recovery would take for one.
   */
  static Segment create(LogFiles files, Path directory, long baseOffset) throws IOException {
    for (String suffix :
        List.of(LogNames.OFFSET_INDEX, LogNames.TIME_INDEX, LogNames.ABORTED_INDEX, LogNames.LOG)) {
      files.delete(directory.resolve(LogNames.of(baseOffset, suffix)));
    }
    Segment created = open(files, directory, baseOffset);
    created.aborted.clear();
    return created;
  }

  /** Opens the files of a segment, missing ones empty. What is in them is not looked at yet. */
  static Segment open(LogFiles files, Path directory, long baseOffset) throws IOException {
    return open(files, directory, baseOffset, "");
  }

  /** Opens files that have something more after their names. */
  static Segment open(LogFiles files, Path directory, long baseOffset, String afterName)
      throws IOException {
    List<LogFile> opened = new ArrayList<>();
    AbortedIndex aborted =
        AbortedIndex.open(
            files, directory.resolve(LogNames.of(baseOffset, LogNames.ABORTED_INDEX) + afterName));
    try {
      for (String suffix : List.of(LogNames.OFFSET_INDEX, LogNames.TIME_INDEX, LogNames.LOG)) {
        opened.add(
            openOrCreate(files, directory.resolve(LogNames.of(baseOffset, suffix + afterName))));
      }
    } catch (IOException failure) {
      for (LogFile each : opened) {
        each.close();
      }
      aborted.close();
      throw failure;
    }
    return new Segment(
        baseOffset,
        opened.get(2),
        new SparseIndex(SparseIndex.Kind.OFFSET, opened.get(0)),
        new SparseIndex(SparseIndex.Kind.TIME, opened.get(1)),
        aborted);
  }

  /** A segment whose files are there and on stable storage, which are opened when they are used. */
  static Segment settled(LogFiles files, Path directory, long baseOffset) throws IOException {
    Path aborted = directory.resolve(LogNames.of(baseOffset, LogNames.ABORTED_INDEX));
    return new Segment(
        baseOffset,
        files.settled(directory.resolve(LogNames.of(baseOffset, LogNames.LOG))),
        new SparseIndex(
            SparseIndex.Kind.OFFSET,
            files.settled(directory.resolve(LogNames.of(baseOffset, LogNames.OFFSET_INDEX)))),
        new SparseIndex(
            SparseIndex.Kind.TIME,
            files.settled(directory.resolve(LogNames.of(baseOffset, LogNames.TIME_INDEX)))),
        AbortedIndex.settled(files, aborted));
  }

  /** A segment as a clean close left it, with nothing opened. */
  static Segment restored(LogHome home, CleanShutdown.SegmentFacts facts, long nextOffset)
      throws IOException {
    Segment segment = settled(home.files(), home.directory(), facts.baseOffset());
    int lastRelative = (int) (nextOffset - 1 - facts.baseOffset());
    segment.size = facts.size();
    segment.nextOffset = nextOffset;
    segment.maxTimestamp = facts.maxTimestamp();
    segment.maxTimestampOffset = facts.maxTimestampOffset();
    // as if the last batch had got an entry: the next one comes an interval later
    segment.offsetIndex.restore(facts.offsetEntries(), lastRelative, facts.size() - 1);
    segment.timeIndex.restore(
        facts.timeEntries(),
        facts.maxTimestamp(),
        (int) (facts.maxTimestampOffset() - facts.baseOffset()));
    return segment;
  }

  /** What {@link #restored} needs, of a sealed segment. */
  CleanShutdown.SegmentFacts facts() {
    return new CleanShutdown.SegmentFacts(
        baseOffset,
        size,
        offsetIndex.written(),
        timeIndex.written(),
        maxTimestamp,
        maxTimestampOffset);
  }

  private static LogFile openOrCreate(LogFiles files, Path path) throws IOException {
    return files.exists(path) ? files.open(path) : files.create(path);
  }

  /**
   * Takes the files as they are, because they are known to be whole.
   *
   * @return false when an index is not, or the batches do not end where the next segment begins:
   *     {@link #clearIndexes} and replay the batches
   */
  boolean trust(long nextOffset) throws IOException {
    size = Math.toIntExact(file.size());
    this.nextOffset = nextOffset;
    long lastRelative = nextOffset - 1 - baseOffset;
    if (!offsetIndex.load(lastRelative, size - 1L)
        || !timeIndex.load(Long.MAX_VALUE, lastRelative)
        || !endsAt(nextOffset)) {
      return false;
    }
    if (timeIndex.lastKey() >= 0) {
      maxTimestamp = timeIndex.lastKey();
      maxTimestampOffset = baseOffset + timeIndex.lastValue();
      return batchHasMaxTimestamp();
    }
    return true;
  }

  /**
   * Whether a completed segment has what it must have. Empty indexes are left by a replay that met
   * damage: it has to be met again.
   */
  boolean isIndexed() {
    return size == 0 || timeIndex.lastKey() >= 0;
  }

  private boolean batchHasMaxTimestamp() throws IOException {
    SegmentView view = new SegmentView(this);
    try {
      return view.hasTimestampAt(maxTimestampOffset, maxTimestamp);
    } finally {
      view.letGo();
    }
  }

  /** Looks only at what the last index entry leads to: enough to know a file that is not ours. */
  private boolean endsAt(long next) throws IOException {
    if (size == 0) {
      return next == baseOffset;
    }
    try {
      HeaderWalk walk = new HeaderWalk(file, size, baseOffset, next);
      walk.moveTo(Math.max(offsetIndex.lastValue(), 0));
      while (walk.moveToNext()) {
        // to the last batch
      }
      return walk.lastOffset() + 1 == next;
    } catch (HeaderWalk.DamagedException wrong) {
      return false;
    }
  }

  /**
   * Forgets all batches and entries, for a replay from the segment's first byte. The batches stay
   * in the file.
   */
  void clearIndexes() throws IOException {
    offsetIndex.clear();
    timeIndex.clear();
    size = 0;
    nextOffset = baseOffset;
    maxTimestamp = -1;
    maxTimestampOffset = baseOffset;
  }

  /**
   * Whether the batch may be appended here without exceeding what offsets and positions can say.
   */
  boolean hasRoomFor(int batchBytes, long lastOffset, int segmentBytes) {
    boolean fits =
        (long) size + batchBytes <= segmentBytes && lastOffset - baseOffset <= Integer.MAX_VALUE;
    return size == 0 || fits;
  }

  /**
   * Takes note of a batch that now ends the file. The one way by which size, offsets and indexes
   * change.
   */
  void onBatch(StoredBatch batch, int indexIntervalBytes) {
    int position = size;
    long lastOffset = batch.lastOffset();
    if (batch.batch().maxTimestamp() > maxTimestamp) {
      maxTimestamp = batch.batch().maxTimestamp();
      maxTimestampOffset = lastOffset;
    }
    if (position - Math.max(offsetIndex.lastValue(), 0) > indexIntervalBytes) {
      offsetIndex.add(lastOffset - baseOffset, position);
      indexTimestamp();
    }
    size = position + batch.batch().sizeInBytes();
    nextOffset = lastOffset + 1;
  }

  /** No batch follows: the indexes are completed and written (page cache). */
  void seal() {
    indexTimestamp();
    offsetIndex.seal();
    timeIndex.seal();
    aborted.write();
  }

  private void indexTimestamp() {
    if (maxTimestamp > timeIndex.lastKey()) {
      timeIndex.add(maxTimestamp, (int) (maxTimestampOffset - baseOffset));
    }
  }

  long baseOffset() {
    return baseOffset;
  }

  /** One past the last offset, or the base offset while it is empty. */
  long nextOffset() {
    return nextOffset;
  }

  /** Bytes of whole batches; the file may be longer for a moment during a failed append. */
  int size() {
    return size;
  }

  /** Largest timestamp of its records, -1 when there is none. */
  long maxTimestamp() {
    return maxTimestamp;
  }

  SegmentAge age() {
    return age;
  }

  LogFile file() {
    return file;
  }

  SparseIndex offsetIndex() {
    return offsetIndex;
  }

  SparseIndex timeIndex() {
    return timeIndex;
  }

  AbortedIndex aborted() {
    return aborted;
  }

  /** Brings the indexes to stable storage. Blocks. */
  void forceIndexes() throws IOException {
    offsetIndex.file().force();
    timeIndex.file().force();
    LogFile entries = aborted.file();
    if (entries != null) {
      entries.force();
    }
  }

  ReadHints hints() {
    return hints;
  }

  WarmRanges warmRanges() {
    return warmRanges;
  }

  Pins pins() {
    return pins;
  }

  /** The log and its indexes. */
  List<LogFile> files() {
    LogFile entries = aborted.file();
    return entries == null
        ? List.of(file, offsetIndex.file(), timeIndex.file())
        : List.of(file, offsetIndex.file(), timeIndex.file(), entries);
  }

  /**
   * Before the names of the files go: who has the segment pinned reads on, so they are opened and
   * stay open until it is retired.
   *
   * @throws IOException they keep their names; nothing has changed
   */
  void outliveNames() throws IOException {
    List<LogFile> held = new ArrayList<>();
    try {
      for (LogFile each : files()) {
        each.hold();
        held.add(each);
      }
      held.forEach(LogFile::pathIsGone);
    } finally {
      held.forEach(LogFile::letGo);
    }
  }

  /**
   * Closes the files, on the executor, as soon as nobody has them pinned. The owner's last call.
   */
  void retire(Executor closeOn, Runnable afterwards) {
    closer = closeOn;
    whenClosed = afterwards;
    pins.unpin();
  }

  private void dispose() {
    try {
      closer.execute(this::closeFiles);
    } catch (RejectedExecutionException stopped) {
      closeFiles();
    }
  }

  private void closeFiles() {
    for (LogFile each : files()) {
      try {
        each.close();
      } catch (IOException failure) {
        // nothing unflushed depends on a close, and the descriptor is gone either way
      }
    }
    whenClosed.run();
  }

  @Override
  public String toString() {
    return file.path().toString();
  }
}
