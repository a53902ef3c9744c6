package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A new segment takes the place of one or more neighbours, on disk. Blocks; carried out on a flush
 * thread while no flush and no trim of the log is under way, and by recovery.
 *
 * <p>The order is the argument. The new files are complete and durable under {@code .cleaned}
 * names. Renaming the batches to a name that lists what they replace is the one step that decides:
 * before it is durable the old segments are the log, afterwards the new one is, and whoever finds
 * that name finishes what is left, any number of times: old files go, the indexes get their names
 * and with them the history that vouches for the one of aborted transactions, the directory is
 * synced, and only then the batches get theirs.
 */
record SegmentSwap(LogHome home, List<Long> offsets) {
  /** So many segments fit into a file's name. */
  static final int MOST_SEGMENTS = 10;

  private static final List<String> INDEXES =
      List.of(LogNames.OFFSET_INDEX, LogNames.TIME_INDEX, LogNames.ABORTED_INDEX);

  /**
   * Makes the new segment the log's, and opens it.
   *
   * @param aborted what is in its index of aborted transactions
   */
  Segment run(AbortedIndex.Summary aborted) throws IOException {
    LogFiles files = home.files();
    Path decided = home.file(LogNames.swap(offsets));
    files.rename(cleaned(log()), decided);
    sync();
    finish(false);
    Segment segment = Segment.settled(files, home.directory(), baseOffset());
    if (!segment.trust(endOffset()) || !segment.aborted().trust(aborted)) {
      segment.retire(Runnable::run, () -> {});
      throw new IOException("the indexes of " + segment + " are not as they were written");
    }
    segment.seal();
    return segment;
  }

  /** Deletes what was written and has not taken any place. */
  void discard() throws IOException {
    home.files().delete(cleaned(log()));
    for (Path file : sideFiles()) {
      home.files().delete(cleaned(file));
    }
  }

  /**
   * Finishes what a crash has interrupted.
   *
   * @param directoryTrusted false after a failed sync: what is seen may not be what is on disk
   * @return how it was found
   */
  static SwapCase recover(LogHome home, List<String> names, boolean directoryTrusted)
      throws IOException {
    SwapCase found = SwapCase.NONE;
    for (String name : names) {
      List<Long> offsets = LogNames.swapOffsets(name);
      if (offsets.size() > 1) {
        new SegmentSwap(home, offsets).finish(!directoryTrusted);
        found = SwapCase.DECIDED;
      }
    }
    for (String name : found == SwapCase.NONE ? names : home.files().list(home.directory())) {
      if (name.endsWith(LogNames.CLEANED)) {
        home.files().delete(home.file(name));
        found = found == SwapCase.NONE ? SwapCase.UNDECIDED : found;
      }
    }
    return found;
  }

  private void finish(boolean again) throws IOException {
    LogFiles files = home.files();
    String swap = LogNames.swap(offsets);
    if (again) {
      TailRewrite.rewrite(home, swap);
      sync();
    }
    for (long old : offsets.subList(1, offsets.size() - 1)) {
      for (String suffix : LogStart.SEGMENT_FILES) {
        Path file = home.file(LogNames.of(old, suffix));
        if (again && !files.exists(file)) {
          files.create(file).close(); // it may be back after a power cut unless it goes once more
        }
        files.delete(file);
      }
    }
    for (Path file : sideFiles()) {
      if (files.exists(cleaned(file))) {
        files.rename(cleaned(file), file);
      } else if (again && files.exists(file)) {
        TailRewrite.rewrite(home, file.getFileName().toString());
      }
    }
    sync();
    Path log = log();
    files.rename(home.file(swap), log);
    try {
      sync();
    } catch (UnsyncedException failure) {
      takeBack(log, home.file(swap));
      throw failure;
    }
  }

  /**
   * The last step is not certain: a power cut could bring the old name back after later swaps, and
   * recovery would put what it holds in the place of what they have made. So the next open has to
   * find it and take that step again.
   */
  private void takeBack(Path log, Path swap) {
    try {
      home.files().rename(log, swap);
    } catch (IOException alsoFailed) {
      // nothing more can be done here
    }
  }

  long baseOffset() {
    return offsets.get(0);
  }

  long endOffset() {
    return offsets.get(offsets.size() - 1);
  }

  /** What takes the place of this file, until then. */
  Path cleaned(Path file) {
    return file.resolveSibling(file.getFileName() + LogNames.CLEANED);
  }

  private Path log() {
    return home.file(LogNames.of(baseOffset(), LogNames.LOG));
  }

  /** What is replaced with the batches. */
  private List<Path> sideFiles() {
    List<Path> files = new ArrayList<>();
    INDEXES.forEach(suffix -> files.add(home.file(LogNames.of(baseOffset(), suffix))));
    files.add(home.file(LogNames.of(endOffset(), LogNames.PRODUCER_HISTORY)));
    return files;
  }

  private void sync() throws IOException {
    UnsyncedException.syncDirectory(home);
  }
}
