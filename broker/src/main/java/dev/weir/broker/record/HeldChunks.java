package dev.weir.broker.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The pieces a subscription has in memory, in the order they came. While the subscription cannot go
 * on they are {@linkplain #park parked}, and may be taken away for others; what is taken is read
 * again later. Owned by the subscription's turn, except that whoever needs the memory calls {@link
 * #reclaim}.
 */
final class HeldChunks implements PieceBudget.Idle {
  /** What is to be read (again) from where. */
  record Want(PartitionTail tail, long offset) {}

  private final PieceBudget budget;
  private final Runnable whenReclaimed;
  private final Deque<RecordChunk> chunks = new ArrayDeque<>();
  private List<Want> lost = new ArrayList<>();
  private int inflaterBytes;
  private boolean parked;
  private volatile boolean reclaimed;

  /**
   * @param whenReclaimed on the thread that needed the memory; must not block
   */
  HeldChunks(PieceBudget budget, Runnable whenReclaimed) {
    this.budget = budget;
    this.whenReclaimed = whenReclaimed;
  }

  /** For as long as the subscription cannot go on. Nothing else but {@link #unpark} may follow. */
  void park() {
    if (parked || chunks.isEmpty()) {
      return;
    }
    for (RecordChunk chunk : List.copyOf(chunks)) {
      if (!countInflater(chunk.inflaterBytes())) {
        chunks.remove(chunk);
        drop(chunk);
      }
    }
    parked = !chunks.isEmpty();
    if (parked) {
      budget.offer(this);
    }
  }

  private boolean countInflater(int bytes) {
    if (bytes > 0 && !budget.tryAcquire(bytes)) {
      return false;
    }
    inflaterBytes += bytes;
    return true;
  }

  /**
   * Takes the pieces into use again.
   *
   * @return false: they are being taken away this moment; {@code whenReclaimed} tells when it is
   *     done
   */
  boolean unpark() {
    if (!parked) {
      return true;
    }
    if (!budget.withdraw(this) && !reclaimed) {
      return false;
    }
    parked = false;
    reclaimed = false;
    releaseInflaters();
    return true;
  }

  @Override
  public void reclaim() {
    chunks.forEach(this::drop);
    chunks.clear();
    releaseInflaters();
    reclaimed = true; // hands everything back to the turn
    whenReclaimed.run();
  }

  /** Hands over what has been taken away since it was last asked. */
  void drainLost(Consumer<Want> wanted) {
    List<Want> taken = lost;
    lost = new ArrayList<>();
    taken.forEach(wanted);
  }

  void add(RecordChunk chunk) {
    chunks.addLast(chunk);
  }

  RecordChunk first() {
    return chunks.getFirst();
  }

  /** It has nothing more to give; returns how its partition goes on. */
  Want removeFirst() {
    RecordChunk exhausted = chunks.removeFirst();
    exhausted.close();
    return new Want(exhausted.tail(), exhausted.nextOffset());
  }

  boolean isEmpty() {
    return chunks.isEmpty();
  }

  int size() {
    return chunks.size();
  }

  void close() {
    chunks.forEach(RecordChunk::close);
    chunks.clear();
  }

  private void drop(RecordChunk chunk) {
    lost.add(new Want(chunk.tail(), chunk.nextOffset()));
    chunk.close();
  }

  private void releaseInflaters() {
    int bytes = inflaterBytes;
    inflaterBytes = 0;
    if (bytes > 0) {
      budget.release(bytes);
    }
  }
}
