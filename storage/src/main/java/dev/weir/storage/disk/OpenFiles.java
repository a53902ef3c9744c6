package dev.weir.storage.disk;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The log files that have a descriptor, so that there are only so many of them: opening one more
 * closes one that has not been used for long. A file that is in use, or holds bytes no flush has
 * covered, is never closed for another; while all are, there are more than allowed, up to what the
 * process may have. Any thread.
 *
 * <p>The order is that of second chance: a use only sets a mark in the file, without a lock they
 * all would share. A file's lock may be held when this object's is taken, never the other way
 * round.
 */
final class OpenFiles {
  /** One open looks at so many files at most; the next one goes on where it ended. */
  private static final int MOST_LOOKED_AT = 256;

  private final int most;
  private final Set<ChannelLogFile> open = new LinkedHashSet<>();

  OpenFiles(int most) {
    this.most = most;
  }

  void add(ChannelLogFile file) {
    synchronized (open) {
      open.add(file);
    }
  }

  void remove(ChannelLogFile file) {
    synchronized (open) {
      open.remove(file);
    }
  }

  int count() {
    synchronized (open) {
      return open.size();
    }
  }

  /** Before a file is opened: closes others until there is room, as far as that can be done. */
  void makeRoom() {
    while (count() >= most && closeOne()) {
      // there may have been more than one too many
    }
  }

  /** Closes a file that nobody uses; false when none was found. */
  boolean closeOne() {
    ArrayDeque<ChannelLogFile> candidates = nextCandidates();
    for (ChannelLogFile each : candidates) {
      if (!each.wasUsed() && each.closeIfIdle()) {
        return true;
      }
    }
    // all had been used since they were last looked at: their second chance was this
    for (ChannelLogFile each : candidates) {
      if (each.closeIfIdle()) {
        return true;
      }
    }
    return false;
  }

  /** Takes files from the front and puts them at the end, so that everybody's turn comes. */
  private ArrayDeque<ChannelLogFile> nextCandidates() {
    ArrayDeque<ChannelLogFile> candidates = new ArrayDeque<>();
    synchronized (open) {
      Iterator<ChannelLogFile> front = open.iterator();
      while (front.hasNext() && candidates.size() < MOST_LOOKED_AT) {
        candidates.add(front.next());
        front.remove();
      }
      open.addAll(candidates);
    }
    return candidates;
  }

  /** What an open does that the process had no descriptor for: one more try when one was freed. */
  interface Opening<T> {
    T run() throws IOException;
  }

  /** Opens something that needs a descriptor for a moment or longer, see {@link #closeOne}. */
  <T> T opening(Opening<T> opening) throws IOException {
    try {
      return opening.run();
    } catch (IOException failure) {
      if (!(failure instanceof NoDescriptorException) || !closeOne()) {
        throw failure;
      }
      return opening.run();
    }
  }
}
