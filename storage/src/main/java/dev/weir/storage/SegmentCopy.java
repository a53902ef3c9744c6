package dev.weir.storage;

import dev.weir.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the files of a segment that is to take the place of others. Blocks on the disk; one
 * thread.
 */
final class SegmentCopy implements AutoCloseable {
  private static final int BUFFER_BYTES = 128 << 10;

  private final LogHome home;
  private final SegmentSwap swap;
  private final int indexIntervalBytes;
  private final Segment segment;
  private final List<AbortedTransaction> aborted = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

  private SegmentCopy(LogHome home, SegmentSwap swap, int indexIntervalBytes, Segment segment) {
    this.home = home;
    this.swap = swap;
    this.indexIntervalBytes = indexIntervalBytes;
    this.segment = segment;
  }

  /** Begins anew, whatever an earlier attempt has left. */
  static SegmentCopy create(LogHome home, SegmentSwap swap, int indexIntervalBytes)
      throws IOException {
    swap.discard();
    return new SegmentCopy(
        home,
        swap,
        indexIntervalBytes,
        Segment.open(home.files(), home.directory(), swap.baseOffset(), LogNames.CLEANED));
  }

  void append(RecordBatch batch) throws IOException {
    if ((long) segment.size() + batch.sizeInBytes() > Integer.MAX_VALUE) {
      throw new IOException(segment + " would be larger than a segment can be");
    }
    if (batch.sizeInBytes() > buffer.remaining()) {
      write();
    }
    if (batch.sizeInBytes() > buffer.capacity()) {
      segment.file().append(batch.buffer());
    } else {
      buffer.put(batch.buffer());
    }
    segment.onBatch(StoredBatch.readBack(batch), indexIntervalBytes);
  }

  /** The batch that is appended next is the marker of this one, records of which are left. */
  void onAborted(AbortedTransaction transaction) {
    aborted.add(transaction);
  }

  /**
   * Brings all of it to stable storage, the names of the files too.
   *
   * @return what is in the index of aborted transactions
   */
  AbortedIndex.Summary complete() throws IOException {
    write();
    segment.seal();
    segment.file().force();
    segment.offsetIndex().file().force();
    segment.timeIndex().file().force();
    AbortedIndex.Summary summary = writeAborted();
    home.files().syncDirectory(home.directory());
    return summary;
  }

  /** An index that is there has to be replaced, if need be by an empty one. */
  private AbortedIndex.Summary writeAborted() throws IOException {
    ByteBuffer entries = AbortedIndex.encode(aborted);
    AbortedIndex.Summary summary = AbortedIndex.Summary.of(entries);
    Path replaced = home.file(LogNames.of(swap.baseOffset(), LogNames.ABORTED_INDEX));
    if (summary.count() > 0 || home.files().exists(replaced)) {
      byte[] content = new byte[entries.remaining()];
      entries.get(content);
      SmallFile.replace(home.files(), swap.cleaned(replaced), content);
    }
    long end = swap.endOffset();
    byte[] history =
        new ProducerSnapshots(home.files(), home.directory()).historyWith(end, summary);
    if (history != null) {
      Path vouching = home.file(LogNames.of(end, LogNames.PRODUCER_HISTORY));
      SmallFile.replace(home.files(), swap.cleaned(vouching), history);
    }
    return summary;
  }

  int size() {
    return segment.size();
  }

  long nextOffset() {
    return segment.nextOffset();
  }

  @Override
  public void close() {
    segment.retire(Runnable::run, () -> {});
  }

  private void write() throws IOException {
    if (buffer.position() > 0) {
      segment.file().append(buffer.flip());
      buffer.clear();
    }
  }
}
