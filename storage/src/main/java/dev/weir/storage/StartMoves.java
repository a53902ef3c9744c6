package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Where a log is asked to start, and who waits for it. Owned by the log's loop. */
final class StartMoves {
  private record Waiting(long offset, CompletableFuture<Long> moved) {}

  private List<Waiting> waiting = new ArrayList<>();
  private long wanted;

  CompletionStage<Long> want(long offset) {
    CompletableFuture<Long> moved = new CompletableFuture<>();
    wanted = Math.max(wanted, offset);
    waiting.add(new Waiting(offset, moved));
    return moved;
  }

  long wanted() {
    return wanted;
  }

  void onMoved(long start) {
    List<Waiting> before = waiting;
    waiting = new ArrayList<>();
    for (Waiting each : before) {
      if (each.offset <= start) {
        each.moved.complete(start);
      } else {
        waiting.add(each);
      }
    }
  }

  /** Nothing is wanted any more. */
  void fail(ErrorCode code, String message) {
    List<Waiting> failed = waiting;
    waiting = new ArrayList<>();
    wanted = 0;
    failed.forEach(each -> each.moved.completeExceptionally(new WeirException(code, message)));
  }
}
