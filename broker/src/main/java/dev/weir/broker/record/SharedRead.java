package dev.weir.broker.record;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One read of a partition into memory, for everybody who wants to begin at its offset: those who
 * come while it is under way, and those who come until its bytes are needed elsewhere. Begun in the
 * partition's loop, filled on a read thread; any thread may reclaim it.
 */
final class SharedRead implements PieceBudget.Idle {
  /** Who wants the bytes. Told once, on the loop or a read thread. */
  interface Taker {
    /** The taker holds the piece now. */
    void onPiece(Piece piece, long fromOffset);

    void onFailure(WeirException failure);
  }

  private final long offset;
  private final long nextOffset;
  private final PieceBudget budget;

  // guarded by this
  private List<Taker> takers = new ArrayList<>();
  private @Nullable Piece piece;
  private boolean over;

  /**
   * @param nextOffset one past the last offset it will have
   */
  SharedRead(long offset, long nextOffset, PieceBudget budget) {
    this.offset = offset;
    this.nextOffset = nextOffset;
    this.budget = budget;
  }

  /**
   * Takes part.
   *
   * @return false when there is nothing to be had from it any more, or less than a read of its own
   *     would bring
   * @param limitOffset how far a read of its own could go
   * @param enoughBytes so much is worth having in any case
   */
  boolean join(Taker taker, long limitOffset, int enoughBytes) {
    Piece ready;
    synchronized (this) {
      if (over) {
        return false;
      }
      if (piece == null) {
        takers.add(taker);
        return true;
      }
      if (nextOffset < limitOffset && piece.sizeInBytes() < enoughBytes) {
        return false;
      }
      ready = piece.hold();
    }
    taker.onPiece(ready, offset);
    return true;
  }

  /** On a read thread, with the range's bytes acquired from the budget; takes over the range. */
  void fill(FileRange range) {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.allocate(range.length());
      range.readFully(0, bytes);
    } catch (IOException e) {
      budget.release(range.length());
      fail(
          new WeirException(
              ErrorCode.STORAGE_OFFLINE,
              "%s cannot be read: %s".formatted(range, e.getMessage()),
              e));
      return;
    } catch (RuntimeException | Error e) {
      budget.release(range.length());
      throw e;
    } finally {
      range.release();
    }
    Piece filled = new Piece(bytes.flip(), nextOffset, budget);
    List<Taker> told;
    boolean kept;
    synchronized (this) {
      told = takers;
      takers = List.of();
      told.forEach(each -> filled.hold());
      kept = !over;
      piece = kept ? filled : null;
    }
    told.forEach(taker -> taker.onPiece(filled, offset));
    if (!kept) {
      filled.letGo();
      return;
    }
    budget.offer(this);
    if (isOver()) {
      retire(); // it was retired before it was offered
    }
  }

  void fail(WeirException failure) {
    List<Taker> told;
    synchronized (this) {
      over = true;
      told = takers;
      takers = List.of();
    }
    told.forEach(taker -> taker.onFailure(failure));
  }

  private synchronized boolean isOver() {
    return over;
  }

  /** Nobody may join any more; who has joined is served. */
  void retire() {
    if (budget.withdraw(this)) {
      reclaim();
    } else {
      synchronized (this) {
        over = true; // it is under way and will not be kept, or it is gone
      }
    }
  }

  @Override
  public void reclaim() {
    @Nullable Piece held;
    synchronized (this) {
      over = true;
      held = piece;
      piece = null;
    }
    if (held != null) {
      held.letGo();
    }
  }
}
