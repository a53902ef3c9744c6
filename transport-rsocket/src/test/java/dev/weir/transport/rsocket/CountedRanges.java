package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Ranges of one file that are counted: given out, released, released twice, read. */
final class CountedRanges implements AutoCloseable {
  final AtomicInteger given = new AtomicInteger();
  final AtomicInteger released = new AtomicInteger();
  final AtomicInteger releasedTwice = new AtomicInteger();
  final AtomicInteger reads = new AtomicInteger();
  final byte[] content;
  private final FileChannel file;

  CountedRanges(Path dir, int size) throws IOException {
    content = Bytes.pattern(size, 11).array();
    file = FileChannel.open(Files.write(dir.resolve("ranges"), content), StandardOpenOption.READ);
  }

  /** What a range promises. */
  enum Kind {
    /** In the page cache; reading it in Java is a mistake. */
    HOT,
    COLD,
    /** Without a file channel, as on a simulated disk. */
    FILELESS,
    /** Cold, and the disk fails. */
    BROKEN
  }

  FileRange range(Kind kind, long position, int length) {
    given.incrementAndGet();
    return new CountedRange(kind, position, length);
  }

  int open() {
    return given.get() - released.get();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private final class CountedRange implements FileRange {
    private final AtomicBoolean done = new AtomicBoolean();
    private final Kind kind;
    private final long position;
    private final int length;

    CountedRange(Kind kind, long position, int length) {
      this.kind = kind;
      this.position = position;
      this.length = length;
    }

    @Override
    public @Nullable FileChannel channel() {
      return kind == Kind.FILELESS ? null : file;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public boolean hot() {
      return kind == Kind.HOT;
    }

    @Override
    public void readFully(int offsetInRange, ByteBuffer dst) throws IOException {
      reads.incrementAndGet();
      if (kind == Kind.HOT) {
        throw new AssertionError("a hot range was read instead of sent");
      }
      if (kind == Kind.BROKEN) {
        throw new IOException("the disk fails");
      }
      for (long at = position + offsetInRange; dst.hasRemaining(); ) {
        int count = file.read(dst, at);
        if (count < 0) {
          throw new EOFException();
        }
        at += count;
      }
    }

    @Override
    public void release() {
      if (done.compareAndSet(false, true)) {
        released.incrementAndGet();
      } else {
        releasedTwice.incrementAndGet();
      }
    }
  }
}
