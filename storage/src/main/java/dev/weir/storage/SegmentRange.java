package dev.weir.storage;

import dev.weir.core.disk.FileRange;
import dev.weir.storage.disk.LogFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/** Whole batches of one segment, whose file stays open until the range is released. */
final class SegmentRange implements FileRange {
  /** A range is made for every read: the flag is a field of it, not one more object. */
  private static final AtomicIntegerFieldUpdater<SegmentRange> RELEASED =
      AtomicIntegerFieldUpdater.newUpdater(SegmentRange.class, "released");

  private final Pins pins;
  private final LogFile file;
  private final int position;
  private final int length;

  @SuppressWarnings("UnusedVariable") // read and written through RELEASED
  private volatile int released;

  /** Takes over a pin of the segment and a hold on its file. */
  SegmentRange(Pins pins, LogFile file, int position, int length) {
    this.pins = pins;
    this.file = file;
    this.position = position;
    this.length = length;
  }

  @Override
  public @Nullable FileChannel channel() {
    return file.channel();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int length() {
    return length;
  }

  /** Always: cold bytes are warmed before a range is made of them. */
  @Override
  public boolean hot() {
    return true;
  }

  @Override
  public void readFully(int offsetInRange, ByteBuffer dst) throws IOException {
    if (offsetInRange < 0 || dst.remaining() > length - offsetInRange) {
      throw new EOFException(
          dst.remaining()
              + " bytes from "
              + offsetInRange
              + " on were asked of a range of "
              + length);
    }
    file.readFully(dst, (long) position + offsetInRange);
  }

  @Override
  public void release() {
    if (!RELEASED.compareAndSet(this, 0, 1)) {
      throw new IllegalStateException(this + " was released already");
    }
    file.letGo();
    pins.unpin();
  }

  @Override
  public String toString() {
    return "range of " + length + " bytes at " + position + " of " + file;
  }
}
