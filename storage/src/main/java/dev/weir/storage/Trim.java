package dev.weir.storage;

import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.util.List;

/**
 * The start of a log moves and segments below it go. Put together in the loop, carried out on a
 * flush thread after a flush that covers the new start.
 *
 * <p>The order is the argument: the new start is durable before the first file goes, so whatever
 * the power cuts off, a missing segment at or above the start is damage and a present one below is
 * a leftover. Readers that have a segment pinned read on: its files stay open without a name.
 */
record Trim(LogHome home, long from, long to, List<Segment> gone) {
  /**
   * Blocks on the disk.
   *
   * @param keep so many of the segments have to stay for now, the last ones: they are all there is
   *     to tell what producers have done
   * @return how many segments went; -1 when the start did not move, and nothing happened
   * @throws IOException the directory could not be synced: which start a crash would leave is not
   *     known
   */
  int run(int keep) throws IOException {
    if (to > from) {
      try {
        LogStart.move(home, from, to);
      } catch (IOException failure) {
        return -1;
      }
      home.files().syncDirectory(home.directory());
    }
    int going = Math.max(0, gone.size() - keep);
    try {
      for (Segment segment : gone.subList(0, going)) {
        try {
          segment.outliveNames();
        } catch (NoDescriptorException busy) {
          return gone.indexOf(segment); // the others stay for the next flush
        }
        LogStart.deleteSegment(home, segment.baseOffset());
      }
    } catch (IOException failure) {
      // below the start, nobody looks for them; the next open tries again
    }
    return going;
  }
}
