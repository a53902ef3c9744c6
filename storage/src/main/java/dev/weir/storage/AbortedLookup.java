package dev.weir.storage;

import dev.weir.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The search for the aborted transactions of a range of offsets. It pins the segments it may read:
 * its owner calls exactly one of {@link #run} and {@link #abandon}, once; a second call throws
 * IllegalStateException.
 */
public final class AbortedLookup {
  private final ProducerSnapshots snapshots;
  private final List<Part> parts;
  private final long from;
  private final long toExclusive;
  private final AtomicBoolean taken = new AtomicBoolean();

  /** A segment as it was at one moment, pinned. */
  private record Part(
      Segment segment, boolean sealed, int size, long nextOffset, AbortedIndex.View view) {
    boolean isEmpty() {
      return AbortedIndex.Summary.NONE.equals(view.summary());
    }

    long baseOffset() {
      return segment.baseOffset();
    }
  }

  private AbortedLookup(
      ProducerSnapshots snapshots, List<Part> parts, long from, long toExclusive) {
    this.snapshots = snapshots;
    this.parts = parts;
    this.from = from;
    this.toExclusive = toExclusive;
  }

  /** In the loop. */
  static AbortedLookup of(LogHome home, Segments segments, long from, long toExclusive) {
    List<Part> parts = new ArrayList<>();
    for (Segment segment : segments.all()) {
      parts.add(
          new Part(
              segment,
              segment != segments.active(),
              segment.size(),
              segment.nextOffset(),
              segment.aborted().view()));
    }
    if (from >= toExclusive
        || parts.stream().allMatch(part -> part.nextOffset <= from || part.isEmpty())) {
      parts.clear(); // else the earlier ones may be needed to find out
    }
    parts.forEach(part -> part.segment.pins().pin());
    return new AbortedLookup(
        new ProducerSnapshots(home.files(), home.directory()), parts, from, toExclusive);
  }

  /** Whether the answer is known to be empty: {@link #run} does not touch the disk. */
  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /**
   * The transactions, by the offsets of their markers. Some may lie outside the range; none that
   * reaches into it is missing. Blocks on the disk: for {@code weir-read-n} threads.
   *
   * @throws IOException the disk cannot be read, or batches that would tell are damaged
   */
  public List<AbortedTransaction> run() throws IOException {
    return run(bytes -> {}, Long.MAX_VALUE);
  }

  /** Is told of batches that have to be read, and may make the search end. */
  interface Reading {
    void onRead(int bytes) throws IOException;
  }

  /**
   * As {@link #run()}.
   *
   * @param most with more than these the search ends: nothing is missing then that begins below the
   *     last stable offset of the last one found
   */
  List<AbortedTransaction> run(Reading reading, long most) throws IOException {
    take();
    try {
      return search(reading, most);
    } finally {
      letGo();
    }
  }

  /** Gives the lookup back without running it. Any thread. */
  public void abandon() {
    take();
    letGo();
  }

  private void take() {
    if (!taken.compareAndSet(false, true)) {
      throw new IllegalStateException("this lookup was run or abandoned already");
    }
  }

  private void letGo() {
    parts.forEach(part -> part.segment.pins().unpin());
  }

  private List<AbortedTransaction> search(Reading reading, long most) throws IOException {
    List<AbortedTransaction> found = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).nextOffset > from && !collect(i, found, reading, most)) {
        break;
      }
    }
    return found;
  }

  /** Returns false when transactions that end later begin beyond the range, or there are enough. */
  private boolean collect(int index, List<AbortedTransaction> found, Reading reading, long most)
      throws IOException {
    long stable = -1;
    for (AbortedTransaction each : entriesOf(index, reading)) {
      if (each.reaches(from, toExclusive)) {
        found.add(each);
        if (found.size() > most) {
          return false;
        }
      }
      stable = Math.max(stable, each.lastStableOffset());
    }
    return stable < toExclusive;
  }

  private List<AbortedTransaction> entriesOf(int index, Reading reading) throws IOException {
    Part part = parts.get(index);
    List<AbortedTransaction> entries = part.view.rebuilt();
    if (entries == null) {
      AbortedIndex.Summary known = part.view.summary();
      entries = known == null ? confirmed(part) : entriesOf(part, known);
    }
    if (entries == null) {
      entries = replay(index, reading);
      if (part.sealed) {
        part.segment.aborted().onRebuilt(entries);
      }
    }
    return entries;
  }

  /** The entries if the snapshot at the segment's end says that they are whole, else null. */
  private @Nullable List<AbortedTransaction> confirmed(Part part) throws IOException {
    ProducerSnapshots.Loaded end = snapshots.read(part.nextOffset);
    AbortedIndex.Summary expected = end == null ? null : end.aborted();
    if (expected == null) {
      return null;
    }
    List<AbortedTransaction> entries = entriesOf(part, expected);
    if (entries != null && part.sealed) {
      part.segment.aborted().onConfirmed(expected);
    }
    return entries;
  }

  /** The entries if they are as they must be, else null. */
  private static @Nullable List<AbortedTransaction> entriesOf(
      Part part, AbortedIndex.Summary expected) throws IOException {
    ByteBuffer entries = part.view.entries(expected.count());
    return expected.describes(entries) ? AbortedIndex.decode(entries) : null;
  }

  /** Finds the aborted transactions in the batches, from where it is known who had one open. */
  private List<AbortedTransaction> replay(int index, Reading reading) throws IOException {
    ProducerSnapshots.Loaded start =
        snapshots.newestUpTo(parts.get(index).baseOffset(), parts.get(0).baseOffset());
    ProducerStates producers = start.producers();
    List<AbortedTransaction> found = new ArrayList<>();
    for (Part part : parts.subList(0, index + 1)) {
      if (part.baseOffset() >= start.offset()) {
        found.clear();
        replay(part, producers, found, reading);
      }
    }
    return found;
  }

  private static void replay(
      Part part, ProducerStates producers, List<AbortedTransaction> found, Reading reading)
      throws IOException {
    BatchScanner scanner = new BatchScanner(part.segment.file(), part.size, Long.MAX_VALUE);
    long next = part.baseOffset();
    for (RecordBatch read = scanner.next(next); read != null; read = scanner.next(next)) {
      reading.onRead(read.sizeInBytes());
      AbortedTransaction aborted = producers.onBatch(StoredBatch.readBack(read), 0);
      if (aborted != null) {
        found.add(aborted);
      }
      next = read.nextOffset();
    }
    if (!scanner.reachedEnd()) {
      throw new IOException(scanner.problem());
    }
  }
}
