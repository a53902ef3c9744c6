package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a log was when it was closed cleanly: enough to open it again without opening a segment. It
 * is believed while every file has the size it says. Written without a flush: a marker that a power
 * cut spoils does not match its checksum, and then the log is looked through as after a crash.
 *
 * @param latestEpoch of the leader epochs, -1 when there are none
 * @param producers how many the log knew
 * @param firstMillis when the active segment's first batch came, by the wall clock
 * @param aborted what is in the active segment's index of aborted transactions
 */
record CleanShutdown(
    long endOffset,
    int latestEpoch,
    long producers,
    long firstMillis,
    AbortedIndex.Summary aborted,
    List<SegmentFacts> segments) {
  private static final int HEAD = 6;
  private static final AbortedIndex.Summary NOT_KNOWN = new AbortedIndex.Summary(-1, 0);
  private static final int PER_SEGMENT = 6;

  /** A segment as it was. */
  record SegmentFacts(
      long baseOffset,
      int size,
      int offsetEntries,
      int timeEntries,
      long maxTimestamp,
      long maxTimestampOffset) {}

  /** In the loop, after the active segment was sealed. */
  static CleanShutdown of(LogContents contents, long firstMillis) {
    List<SegmentFacts> segments = new ArrayList<>();
    contents.segments().all().forEach(segment -> segments.add(segment.facts()));
    AbortedIndex.Summary aborted = contents.segments().active().aborted().summary();
    return new CleanShutdown(
        contents.logEndOffset(),
        contents.epochs().latest(),
        contents.producers().count(),
        firstMillis,
        aborted == null ? NOT_KNOWN : aborted,
        segments);
  }

  /** Null when there is none or it is damaged. */
  static @Nullable CleanShutdown read(LogHome home) throws IOException {
    long[] numbers = NumbersFile.read(home.files(), home.file(LogNames.CLEAN_SHUTDOWN));
    if (numbers == null || numbers.length <= HEAD || (numbers.length - HEAD) % PER_SEGMENT != 0) {
      return null;
    }
    List<SegmentFacts> segments = new ArrayList<>();
    for (int i = HEAD; i < numbers.length; i += PER_SEGMENT) {
      segments.add(
          new SegmentFacts(
              numbers[i],
              (int) numbers[i + 1],
              (int) numbers[i + 2],
              (int) numbers[i + 3],
              numbers[i + 4],
              numbers[i + 5]));
    }
    return new CleanShutdown(
        numbers[0],
        (int) numbers[1],
        numbers[2],
        numbers[3],
        new AbortedIndex.Summary((int) numbers[4], (int) numbers[5]),
        segments);
  }

  void write(LogHome home) throws IOException {
    long[] numbers = new long[HEAD + segments.size() * PER_SEGMENT];
    numbers[0] = endOffset;
    numbers[1] = latestEpoch;
    numbers[2] = producers;
    numbers[3] = firstMillis;
    numbers[4] = aborted.count();
    numbers[5] = aborted.crc();
    int at = HEAD;
    for (SegmentFacts each : segments) {
      numbers[at++] = each.baseOffset;
      numbers[at++] = each.size;
      numbers[at++] = each.offsetEntries;
      numbers[at++] = each.timeEntries;
      numbers[at++] = each.maxTimestamp;
      numbers[at++] = each.maxTimestampOffset;
    }
    NumbersFile.replaceUnforced(home.files(), home.file(LogNames.CLEAN_SHUTDOWN), numbers);
  }

  /** Whether there is anything that a producer snapshot would have to say. */
  boolean needsSnapshot() {
    return producers > 0 || !aborted.equals(AbortedIndex.Summary.NONE);
  }

  /**
   * Whether these are the log's segments, all of them or without such as lay before its start, and
   * all sizes are right.
   */
  boolean fits(LogHome home, NavigableSet<Long> baseOffsets) throws IOException {
    NavigableMap<Long, SegmentFacts> known = byBaseOffset().tailMap(baseOffsets.first(), true);
    if (!known.keySet().equals(baseOffsets)) {
      return false;
    }
    for (SegmentFacts facts : known.values()) {
      if (!hasSize(home, facts, LogNames.LOG, facts.size)
          || !hasSize(
              home,
              facts,
              LogNames.OFFSET_INDEX,
              (long) facts.offsetEntries * SparseIndex.Kind.OFFSET.entryBytes())
          || !hasSize(
              home,
              facts,
              LogNames.TIME_INDEX,
              (long) facts.timeEntries * SparseIndex.Kind.TIME.entryBytes())) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasSize(LogHome home, SegmentFacts facts, String suffix, long bytes)
      throws IOException {
    try {
      return home.files().size(home.file(LogNames.of(facts.baseOffset, suffix))) == bytes;
    } catch (NoSuchFileException missing) {
      return false;
    }
  }

  /**
   * The log, for a marker that {@linkplain #fits fits}; null when aborted transactions, producers
   * or the leader epochs are not on disk as they were.
   */
  @Nullable LogContents contents(LogHome home, Collection<Long> baseOffsets, int indexIntervalBytes)
      throws IOException {
    LogFiles files = home.files();
    @Nullable ProducerStates known =
        producers == 0
            ? new ProducerStates()
            : new ProducerSnapshots(files, home.directory()).at(endOffset);
    LeaderEpochs epochs = new LeaderEpochs();
    boolean epochsKnown =
        latestEpoch < 0
            || (epochs.load(files, home.file(LogNames.LEADER_EPOCHS), endOffset)
                && epochs.latest() == latestEpoch);
    if (known == null || known.count() != producers || !epochsKnown) {
      return null;
    }
    Map<Long, SegmentFacts> facts = byBaseOffset();
    Segments opened = new Segments();
    @Nullable SegmentFacts previous = null;
    for (long baseOffset : baseOffsets) {
      if (previous != null) {
        opened.add(Segment.restored(home, previous, baseOffset));
      }
      previous = facts.get(baseOffset);
    }
    if (previous == null) {
      return null;
    }
    Segment active = Segment.restored(home, previous, endOffset);
    if (!active.aborted().trust(aborted)) {
      return null;
    }
    opened.add(active);
    LogContents contents = new LogContents(opened, known, epochs, indexIntervalBytes);
    contents.endsAt(endOffset);
    return contents;
  }

  private NavigableMap<Long, SegmentFacts> byBaseOffset() {
    NavigableMap<Long, SegmentFacts> byBaseOffset = new TreeMap<>();
    segments.forEach(each -> byBaseOffset.put(each.baseOffset, each));
    return byBaseOffset;
  }
}
