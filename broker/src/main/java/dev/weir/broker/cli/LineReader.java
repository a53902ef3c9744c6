package dev.weir.broker.cli;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into lines at {@code \n} and at nothing else: bytes are never decoded, {@code
 * \r} stays, an empty line is an empty array, what follows the last {@code \n} is a line unless it
 * is empty. Holds at most one line of the allowed length plus one chunk. One thread at a time.
 */
final class LineReader implements Source<byte[]> {
  private static final int CHUNK_BYTES = 128 * 1024;

  /** How far the size of a line that is too long is counted: it may never end. */
  private static final long COUNTED_BYTES = 64L << 20;

  private final InputStream in;
  private final int maxLineBytes;
  private byte[] buffer = new byte[2 * CHUNK_BYTES];
  private int lineStart;
  private int scanned; // no newline in [lineStart, scanned)
  private int end;
  private boolean atEnd;
  private long linesRead;

  LineReader(InputStream in, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /** Lines handed out so far. */
  long linesRead() {
    return linesRead;
  }

  /**
   * The next line that is complete in memory, or null: then {@link #fill} reads more.
   *
   * @throws WeirException RECORD_TOO_LARGE naming the line's number and size
   */
  @Override
  public byte @Nullable [] poll() {
    int newline = nextNewline();
    if (newline >= 0) {
      return take(newline, newline + 1);
    }
    return atEnd && lineStart < end ? take(end, end) : null;
  }

  /**
   * Reads the next chunk; blocks on the input. Call it when {@link #poll} has nothing.
   *
   * @return false when the input has ended and every line was taken
   * @throws WeirException RECORD_TOO_LARGE when the line being read is over the limit; the rest of
   *     it is read to tell its size
   */
  @Override
  public boolean fill() throws IOException {
    if (atEnd) {
      return false;
    }
    if (end - lineStart > maxLineBytes) {
      throw tooLarge(end - lineStart + restOfLine());
    }
    makeRoom();
    int read = in.read(buffer, end, buffer.length - end);
    if (read < 0) {
      atEnd = true;
      return lineStart < end;
    }
    end += read;
    return true;
  }

  private int nextNewline() {
    byte[] bytes = buffer;
    int limit = end;
    for (int i = scanned; i < limit; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    scanned = limit;
    return -1;
  }

  private byte[] take(int lineEnd, int next) {
    if (lineEnd - lineStart > maxLineBytes) {
      throw tooLarge(lineEnd - lineStart);
    }
    byte[] line = Arrays.copyOfRange(buffer, lineStart, lineEnd);
    lineStart = next;
    scanned = next;
    linesRead++;
    return line;
  }

  private void makeRoom() {
    int kept = end - lineStart;
    if (buffer.length - end >= CHUNK_BYTES) {
      return;
    }
    byte[] target = buffer.length - kept >= CHUNK_BYTES ? buffer : new byte[2 * buffer.length];
    System.arraycopy(buffer, lineStart, target, 0, kept);
    buffer = target;
    scanned -= lineStart;
    lineStart = 0;
    end = kept;
  }

  /** Counts the bytes up to the next newline, or to a bound, without keeping them. */
  private long restOfLine() throws IOException {
    long rest = 0;
    int read;
    while (rest < COUNTED_BYTES && (read = in.read(buffer, 0, buffer.length)) >= 0) {
      for (int i = 0; i < read; i++) {
        if (buffer[i] == '\n') {
          return rest + i;
        }
      }
      rest += read;
    }
    return rest;
  }

  private WeirException tooLarge(long size) {
    return new WeirException(
        ErrorCode.RECORD_TOO_LARGE,
        "line "
            + (linesRead + 1)
            + (size < COUNTED_BYTES ? " has " : " has at least ")
            + size
            + " bytes; a record has at most "
            + maxLineBytes
            + " bytes");
  }
}
