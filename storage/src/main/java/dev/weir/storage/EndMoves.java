package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How the end of a log is to be moved, and who waits for it. Owned by the log's loop. */
final class EndMoves {
  private record Wanted(Supplier<EndMove> move, CompletableFuture<Long> moved) {}

  private @Nullable Wanted wanted;

  /** One at a time. */
  CompletionStage<Long> want(Supplier<EndMove> move) {
    CompletableFuture<Long> moved = new CompletableFuture<>();
    wanted = new Wanted(move, moved);
    return moved;
  }

  boolean isWanted() {
    return wanted != null;
  }

  /** What is wanted, for the log as it is now; null when that is nothing. */
  @Nullable EndMove next() {
    return wanted == null ? null : wanted.move.get();
  }

  void onMoved(long end) {
    Wanted done = wanted;
    wanted = null;
    if (done != null) {
      done.moved.complete(end);
    }
  }

  /** It is not wanted any more. */
  void fail(ErrorCode code, String message) {
    Wanted failed = wanted;
    wanted = null;
    if (failed != null) {
      failed.moved.completeExceptionally(new WeirException(code, message));
    }
  }
}
