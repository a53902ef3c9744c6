package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Moves the end of a log back, or far ahead: one move at a time, after a cleaning that is under way
 * has been abandoned, and nothing is appended until it is done. Lives in the log's loop.
 */
final class LogEnd {
  private final LogHome home;
  private final LogContents contents;
  private final LogAppender appender;
  private final LogCleaner cleaner;
  private @Nullable CompletableFuture<Long> moving;

  LogEnd(LogHome home, LogContents contents, LogAppender appender, LogCleaner cleaner) {
    this.home = home;
    this.contents = contents;
    this.appender = appender;
    this.cleaner = cleaner;
  }

  boolean isMoving() {
    return moving != null;
  }

  CompletionStage<Long> truncateTo(
      long offset, LogSettings settings, long nowMillis, Flusher flusher) {
    if (offset < contents.logStartOffset()) {
      return CompletableFuture.failedFuture(outOfRange("end", offset));
    }
    if (offset >= contents.logEndOffset()) {
      return CompletableFuture.completedStage(contents.logEndOffset());
    }
    return move(() -> new Truncation(home, settings, contents, offset, nowMillis), flusher);
  }

  CompletionStage<Long> startAnewAt(long offset, Flusher flusher) {
    if (offset < contents.logEndOffset()) {
      return CompletableFuture.failedFuture(outOfRange("start anew", offset));
    }
    if (offset == contents.logEndOffset()) {
      return flusher.moveStart(offset); // producers that are known stay so
    }
    return move(() -> new Restart(home, contents, offset), flusher);
  }

  /** The log is being closed: what has not begun does not begin. */
  void stop() {
    onDone(null, new WeirException(ErrorCode.SHUTTING_DOWN, home.partition() + " is being closed"));
  }

  private CompletionStage<Long> move(Supplier<EndMove> move, Flusher flusher) {
    CompletableFuture<Long> moved = new CompletableFuture<>();
    moving = moved;
    cleaner.stop(
        () -> {
          String offline = contents.offline();
          if (offline != null) {
            onDone(null, new WeirException(ErrorCode.STORAGE_OFFLINE, offline));
            return;
          }
          var unused =
              flusher
                  .moveEnd(move)
                  .whenComplete(
                      (end, failure) -> {
                        if (end != null) {
                          appender.onEndMoved();
                          cleaner.onEndMoved(end);
                        }
                        onDone(end, failure);
                      });
        });
    return moved;
  }

  private void onDone(@Nullable Long end, @Nullable Throwable failure) {
    CompletableFuture<Long> moved = moving;
    moving = null;
    if (moved != null && end != null) {
      moved.complete(end);
    } else if (moved != null && failure != null) {
      moved.completeExceptionally(failure);
    }
  }

  WeirException outOfRange(String what, long offset) {
    return new WeirException(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        home.partition()
            + " cannot "
            + what
            + " at offset "
            + offset
            + ": it starts at "
            + contents.logStartOffset()
            + " and ends at "
            + contents.logEndOffset());
  }
}
