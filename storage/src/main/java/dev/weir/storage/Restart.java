package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything goes out of a log and it starts anew at an offset beyond its end: a follower whose
 * leader does not have any more what would come next.
 *
 * <p>The new, empty segment, and the snapshot that says that it needs none before it, are durable
 * before the start moves to it, in one step. A crash before that finds the old log and an empty
 * segment behind a gap, which it cuts; a crash after it finds leftovers below the start.
 */
final class Restart implements EndMove {
  private final LogHome home;
  private final long from;
  private final long offset;
  private final List<Segment> gone;

  /** In the loop. */
  Restart(LogHome home, LogContents contents, long offset) {
    this.home = home;
    this.from = contents.logStartOffset();
    this.offset = offset;
    this.gone = List.copyOf(contents.segments().all());
  }

  @Override
  public void letGo() {
    // the loop keeps the segments until this is done
  }

  @Override
  public @Nullable Moved run() throws IOException {
    ProducerSnapshots snapshots = new ProducerSnapshots(home.files(), home.directory());
    try {
      snapshots.write(offset, ProducerSnapshot.of(new ProducerStates(), AbortedIndex.Summary.NONE));
    } catch (IOException noSpace) {
      snapshots.deleteUnless(each -> each != offset);
      return null;
    }
    try {
      Segment active = begin();
      for (Segment segment : gone) {
        segment.outliveNames();
        LogStart.deleteSegment(home, segment.baseOffset());
      }
      return new Moved(offset, offset, 0, active, new ProducerStates());
    } catch (NoDescriptorException tooLate) {
      throw new IOException("restarting " + home.partition() + " was interrupted", tooLate);
    }
  }

  private Segment begin() throws IOException {
    LogFiles files = home.files();
    files.delete(home.file(LogNames.LEADER_EPOCHS)); // if the old log stays, its batches say it
    Segment active = Segment.create(files, home.directory(), offset);
    files.syncDirectory(home.directory());
    LogStart.move(home, from, offset);
    files.syncDirectory(home.directory());
    return active;
  }
}
