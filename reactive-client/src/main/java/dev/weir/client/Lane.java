package dev.weir.client;

/**
 * One partition on its way to a subscriber: what fetches it, and what takes its frames apart. In
 * the subscription's loop.
 */
final class Lane<T> {
  private final PartitionFetcher fetcher;
  private final FrameReader<T> reader;
  private boolean open; // the fetcher's first frame is open in the reader

  Lane(PartitionFetcher fetcher, FrameReader<T> reader) {
    this.fetcher = fetcher;
    this.reader = reader;
  }

  PartitionFetcher fetcher() {
    return fetcher;
  }

  FrameReader<T> reader() {
    return reader;
  }

  /** Opens the next frame if none is open; true when the reader may have something. */
  boolean ready() {
    if (open) {
      return !reader.waits();
    }
    Frame frame = fetcher.first();
    if (frame == null) {
      return false;
    }
    reader.open(fetcher.partition(), frame, fetcher.endExclusive());
    open = true;
    return true;
  }

  /** The reader gave nothing more: at the end of the frame, makes room for the next. */
  void onNothing() {
    if (!reader.waits()) {
      open = false;
      fetcher.removeFirst();
    }
  }

  /** Whether all up to the end of the subscription has been delivered. */
  boolean isDone() {
    return !open && fetcher.isDone();
  }

  /** Drops what is buffered and goes on elsewhere. */
  void seek(StartingPosition position) {
    drop();
    fetcher.seek(position);
  }

  void close() {
    drop();
    fetcher.close();
  }

  private void drop() {
    open = false;
    reader.close();
  }
}
