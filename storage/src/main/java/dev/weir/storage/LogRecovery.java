package dev.weir.storage;

import dev.weir.core.time.Time;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.LogFiles;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Opens the files of one log: collects facts, names the case, then acts. One use, on a {@code
 * weir-recovery-n} thread.
 *
 * <p>Segments below the persisted flush point are taken as they are, the one that holds it and all
 * later ones are read and verified, batch by batch. Deleting goes from the end towards the start
 * and truncating comes last, so a crash in between leaves what the next recovery treats in the same
 * way.
 */
final class LogRecovery {
  private final LogHome home;
  private final LogFiles files;
  private final LogSettings settings;
  private final Time time;
  private final ProducerSnapshots snapshots;

  LogRecovery(LogHome home, LogSettings settings, Time time) {
    this.home = home;
    this.files = home.files();
    this.settings = settings;
    this.time = time;
    this.snapshots = new ProducerSnapshots(home.files(), home.directory());
  }

  /** What was opened. */
  record Recovered(LogContents contents, RecoveryReport report) {}

  Recovered run() throws IOException {
    long started = time.nanos();
    List<String> names = listOrCreate();
    boolean flushesIntact = names.contains(LogNames.FLUSHES_INTACT);
    if (!flushesIntact && !names.isEmpty()) {
      UntrustedDirectory.settle(home, names);
      names = files.list(home.directory());
    }
    SwapCase swap = SegmentSwap.recover(home, names, flushesIntact);
    if (swap != SwapCase.NONE) {
      names = files.list(home.directory());
    }
    long logStart = LogStart.in(names);
    long[] recoveryPoint =
        names.contains(LogNames.RECOVERY_POINT)
            ? NumbersFile.read(files, home.file(LogNames.RECOVERY_POINT), 1)
            : null;
    boolean pointKnown = recoveryPoint != null || !names.contains(LogNames.RECOVERY_POINT);
    // the start moves to flushed offsets only
    long flushPoint = Math.max(logStart, recoveryPoint == null ? 0 : recoveryPoint[0]);
    @Nullable CleanShutdown marker =
        names.contains(LogNames.CLEAN_SHUTDOWN) ? CleanShutdown.read(home) : null;
    boolean reachesPoint = marker != null && marker.endOffset() >= flushPoint;
    if (marker != null) {
      flushPoint = Math.max(flushPoint, marker.endOffset());
    }
    boolean neverFlushed = pointKnown && flushPoint == 0;
    NavigableSet<Long> baseOffsets = findSegments(names, logStart, neverFlushed);
    if (baseOffsets.isEmpty()) {
      return create(pointKnown, flushPoint, started);
    }
    boolean unchanged = reachesPoint && flushesIntact && swap != SwapCase.DECIDED;
    boolean closedCleanly = marker != null && unchanged && marker.fits(home, baseOffsets);
    if (closedCleanly && pointKnown && marker != null) {
      LogContents asClosed = marker.contents(home, baseOffsets, settings.indexIntervalBytes());
      if (asClosed != null) {
        startAt(logStart, asClosed, marker.firstMillis());
        asClosed.closedCleanlyAt(marker.endOffset());
        return new Recovered(
            asClosed, report(RecoveryCase.CLEAN, asClosed, 0, 0, started, "closed cleanly"));
      }
    }
    Long floor = baseOffsets.floor(flushPoint);
    long verifyFrom = closedCleanly ? Long.MAX_VALUE : floor == null ? baseOffsets.first() : floor;
    if (!flushesIntact) {
      TailRewrite.rewrite(home, baseOffsets.tailSet(verifyFrom, true));
    }
    LogReplay replay =
        new LogReplay(home, settings, verifyFrom, marker == null ? -1 : marker.endOffset());
    replay.crossCheckBelow(
        Math.max(
            recoveryPoint == null ? 0 : recoveryPoint[0], marker == null ? 0 : marker.endOffset()));
    Long holdsStart = baseOffsets.floor(logStart);
    replay.captureAt(holdsStart == null ? 0 : holdsStart);
    replay.run(baseOffsets, snapshots, time.wallMillis());

    RecoveryFacts facts =
        new RecoveryFacts(
            true, closedCleanly, replay.whole(), pointKnown, replay.endOffset() >= flushPoint);
    Recovered recovered =
        act(facts.decide(), replay, baseOffsets, flushed(pointKnown, flushPoint), started);
    LogContents contents = recovered.contents();
    startAt(logStart, contents, firstTimestamp(contents.segments().active()));
    return recovered;
  }

  private Recovered act(
      RecoveryCase found,
      LogReplay replay,
      NavigableSet<Long> baseOffsets,
      String flushed,
      long started)
      throws IOException {
    LogContents contents = replay.contents();
    long cut = 0;
    String detail = "";
    switch (found) {
      case DAMAGED -> {
        detail =
            home.partition()
                + " is damaged: "
                + flushed
                + " but only batches up to "
                + replay.endOffset()
                + " are whole ("
                + replay.problem()
                + "); its batches were left as they are, only indexes are built anew";
        contents.takeOffline(detail);
      }
      case TORN_TAIL -> {
        cut = cutAfter(contents.segments().active(), baseOffsets);
        detail = "cut a torn tail of " + cut + " bytes (" + replay.problem() + ")";
        settle(replay);
      }
      case WHOLE -> {
        detail = "every batch is whole";
        settle(replay);
      }
      case CLEAN, NEW -> detail = "closed cleanly";
    }
    if (found != RecoveryCase.DAMAGED) {
      keepCaptured(replay);
      if (replay.epochsDiffer()) {
        contents.epochs().markChanged();
      }
      persistFlushPoint(replay.endOffset(), contents.epochs());
      files.delete(home.file(LogNames.CLEAN_SHUTDOWN));
      snapshots.deleteUnless(contents.segments()::startsAt);
    }
    contents.endsAt(replay.endOffset());
    return new Recovered(
        contents, report(found, contents, replay.scannedBytes(), cut, started, detail));
  }

  /** Brings everything that was replayed to stable storage: from now on it counts as flushed. */
  private void settle(LogReplay replay) throws IOException {
    if (replay.endOffset() == 0 && replay.scannedBytes() == 0) {
      noteFlushesIntact();
      return; // nothing was ever written; the first flush makes certain that the log is there
    }
    try {
      for (Segment segment : replay.verified()) {
        segment.file().force();
        segment.forceIndexes();
      }
      noteFlushesIntact();
      files.syncDirectory(home.directory());
    } catch (NoDescriptorException nothingFailed) {
      throw nothingFailed;
    } catch (IOException failure) {
      FlushPlan.noteFailure(home);
      throw failure;
    }
    UntrustedDirectory.forgetDeletion(home);
  }

  /** What is about to be deleted from the end; without the note a failed sync may bring it back. */
  private void noteDeletion(NavigableSet<Long> baseOffsets) {
    try {
      UntrustedDirectory.noteDeletion(home, baseOffsets);
    } catch (IOException noSpace) {
      // see above
    }
  }

  /**
   * All of the log is on stable storage by now, in a synced directory, and has to stay; the flushes
   * to come count from here. Also replaces a flush point that was damaged. The epochs go first: of
   * what lies below the flush point they are the second witness.
   */
  private void persistFlushPoint(long endOffset, LeaderEpochs epochs) {
    Path file = home.file(LogNames.RECOVERY_POINT);
    try {
      if (epochs.takeChanged()) {
        epochs.markChanged(); // until it is durable
        SmallFile.replace(files, home.file(LogNames.LEADER_EPOCHS), epochs.encode());
        files.syncDirectory(home.directory());
        epochs.takeChanged();
      }
      long[] persisted = NumbersFile.read(files, file, 1);
      boolean never = endOffset == 0 && !files.exists(file);
      if (!never && (persisted == null || persisted[0] != endOffset)) {
        NumbersFile.replace(files, file, endOffset);
        files.syncDirectory(home.directory());
      }
    } catch (IOException noSpace) {
      // the old point stays: more of the log may be taken for a torn tail, as before
    }
  }

  /** Without the note the next start after a crash takes longer, no more. */
  private void noteFlushesIntact() {
    try {
      Path note = home.file(LogNames.FLUSHES_INTACT);
      if (!files.exists(note)) {
        files.create(note).close();
      }
    } catch (IOException noSpace) {
      // see above
    }
  }

  /** Removes what follows the last whole batch; returns the bytes. */
  private long cutAfter(Segment last, NavigableSet<Long> baseOffsets) throws IOException {
    long cut = 0;
    NavigableSet<Long> after = baseOffsets.tailSet(last.baseOffset(), false);
    noteDeletion(after);
    for (long baseOffset : after.descendingSet()) {
      Path log = home.file(LogNames.of(baseOffset, LogNames.LOG));
      try (LogFile file = files.open(log)) {
        cut += file.size();
      }
      for (String suffix :
          List.of(
              LogNames.LOG, LogNames.OFFSET_INDEX, LogNames.TIME_INDEX, LogNames.ABORTED_INDEX)) {
        files.delete(home.file(LogNames.of(baseOffset, suffix)));
      }
    }
    cut += last.file().size() - last.size();
    last.file().truncate(last.size());
    return cut;
  }

  private Recovered create(boolean pointKnown, long flushPoint, long started) throws IOException {
    RecoveryFacts facts = new RecoveryFacts(false, false, true, pointKnown, flushPoint == 0);
    if (facts.decide() == RecoveryCase.DAMAGED) {
      throw missing(flushed(pointKnown, flushPoint));
    }
    Path parent = home.directory().getParent();
    if (parent != null) {
      // also when the directory was there: whoever made it may have died before this
      files.syncDirectory(parent);
    }
    snapshots.deleteUnless(offset -> false);
    LogContents contents =
        new LogContents(
            new Segments(),
            new ProducerStates(),
            new LeaderEpochs(),
            settings.indexIntervalBytes());
    contents.segments().add(Segment.create(files, home.directory(), 0));
    noteFlushesIntact();
    noteStart();
    startAt(0, contents, time.wallMillis());
    return new Recovered(contents, report(RecoveryCase.NEW, contents, 0, 0, started, "created"));
  }

  /** Without the note the first move of the start has to create it. */
  private void noteStart() {
    try {
      Path note = home.file(LogNames.of(0, LogNames.START));
      if (!files.exists(note)) {
        files.create(note).close();
      }
    } catch (IOException noSpace) {
      // see above
    }
  }

  /** What lies before these segments may be deleted soon; producers stay. */
  private void keepCaptured(LogReplay replay) {
    if (replay.captured().isEmpty()) {
      return;
    }
    try {
      for (FlushPlan.PendingSnapshot each : replay.captured()) {
        snapshots.write(each.offset(), each.snapshot());
      }
      files.syncDirectory(home.directory());
    } catch (IOException noSpace) {
      // producers that are silent until the next crash may be unknown after it
    }
  }

  /**
   * @param firstMillis when the active segment's first batch came
   */
  private void startAt(long logStart, LogContents contents, long firstMillis) {
    contents.startAt(logStart, List.of());
    long nanos = time.nanos();
    for (Segment segment : contents.segments().all()) {
      segment.age().onOpen(0, nanos);
    }
    Segment active = contents.segments().active();
    if (active.size() > 0) {
      active.age().onOpen(time.wallMillis() - firstMillis, nanos);
    }
  }

  private long firstTimestamp(Segment segment) {
    if (segment.size() == 0) {
      return time.wallMillis();
    }
    try {
      HeaderWalk first =
          new HeaderWalk(
              segment.file(), segment.size(), segment.baseOffset(), segment.nextOffset());
      first.moveTo(0);
      return first.maxTimestamp();
    } catch (IOException unreadable) {
      return time.wallMillis(); // readers will tell; here it only delays the next roll
    }
  }

  private static String flushed(boolean pointKnown, long flushPoint) {
    return pointKnown
        ? "everything below offset " + flushPoint + " had been flushed"
        : LogNames.RECOVERY_POINT + " is damaged, so how much had been flushed is not known,";
  }

  private IOException missing(String why) {
    return new IOException(
        "the segments of "
            + home.partition()
            + " are missing from "
            + home.directory()
            + ": "
            + why);
  }

  private RecoveryReport report(
      RecoveryCase found,
      LogContents contents,
      long scanned,
      long cut,
      long started,
      String detail) {
    Duration took = Duration.ofNanos(time.nanos() - started);
    return new RecoveryReport(
        home.partition(), found, contents.logEndOffset(), scanned, cut, took, detail);
  }

  /** Finds the log's segments and removes what is of no value any more. */
  private NavigableSet<Long> findSegments(List<String> names, long logStart, boolean neverFlushed)
      throws IOException {
    NavigableSet<Long> baseOffsets = new TreeSet<>();
    for (String name : names) {
      OptionalLong baseOffset = LogNames.offsetIn(name, LogNames.LOG);
      baseOffset.ifPresent(baseOffsets::add);
      if (name.endsWith(LogNames.TEMPORARY)) {
        files.delete(home.file(name));
      }
    }
    if (baseOffsets.isEmpty()) {
      return baseOffsets;
    }
    Long first = baseOffsets.floor(logStart);
    if (first == null && neverFlushed) {
      // of what was not flushed the beginning is lost
      LogStart.deleteLeftovers(home, names, Long.MAX_VALUE);
      return new TreeSet<>();
    }
    if (first == null) {
      throw missing(
          "the log starts at offset " + logStart + ", its first segment at " + baseOffsets.first());
    }
    first = firstNeeded(baseOffsets, first);
    LogStart.deleteLeftovers(home, names, first);
    return baseOffsets.tailSet(first, true);
  }

  /**
   * The segment that holds the log's start, or one before it when only from there on it is known
   * what producers have done: a roll right before the crash had no time for its snapshot.
   */
  private long firstNeeded(NavigableSet<Long> baseOffsets, long holdsStart) throws IOException {
    if (baseOffsets.first() == holdsStart) {
      return holdsStart;
    }
    for (long each : baseOffsets.headSet(holdsStart, true).descendingSet()) {
      if (each == 0 || snapshots.isWhole(each)) {
        return each;
      }
    }
    return holdsStart;
  }

  private List<String> listOrCreate() throws IOException {
    try {
      return files.list(home.directory());
    } catch (NoSuchFileException absent) {
      files.createDirectories(home.directory());
      return files.list(home.directory());
    }
  }
}
