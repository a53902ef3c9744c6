package dev.weir.broker;

import dev.weir.broker.partition.CleaningCounters;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.core.error.WeirException;
import dev.weir.storage.CleanableShare;
import dev.weir.storage.CleaningAbandonedException;
import dev.weir.storage.CleaningLimits;
import dev.weir.storage.CleaningReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has compacted logs cleaned: those first whose records may not wait any longer, then the dirtiest;
 * a few at a time, one after the other until none is due. Decides which and when, never what; lives
 * on the housekeeping thread.
 */
final class CompactionRounds {
  private static final Logger LOG = LoggerFactory.getLogger(CompactionRounds.class);

  private final Supplier<? extends Collection<HostedPartition>> partitions;
  private final Cleaners cleaners;
  private final CleaningCounters counters;
  private final LongSupplier nowMillis;
  private final Executor housekeeping;

  private final Set<HostedPartition> busy = new HashSet<>();

  /** What was tried in this round in vain: the others go on. */
  private final Set<HostedPartition> passedOver = new HashSet<>();

  /** What kind of failure of each was logged last: it is not logged again every round. */
  private final Map<HostedPartition, Class<?>> reported = new HashMap<>();

  private boolean asking;

  /**
   * @param partitions those that are open; asked every time
   * @param nowMillis the time as {@link dev.weir.storage.RetentionClock} has it
   * @param housekeeping the thread that this lives on
   */
  CompactionRounds(
      Supplier<? extends Collection<HostedPartition>> partitions,
      Cleaners cleaners,
      CleaningCounters counters,
      LongSupplier nowMillis,
      Executor housekeeping) {
    this.partitions = partitions;
    this.cleaners = cleaners;
    this.counters = counters;
    this.nowMillis = nowMillis;
    this.housekeeping = housekeeping;
  }

  /** The threads that clean, how many logs they clean at once, and what each may take. */
  record Cleaners(Executor threads, int atOnce, CleaningLimits limits) {}

  private record Answer(HostedPartition partition, CleanableShare share, boolean cleanable) {}

  /** Begins a round; returns at once. */
  void begin() {
    passedOver.clear();
    reported.keySet().retainAll(Set.copyOf(partitions.get()));
    look();
  }

  /** Asks every log what there is to do, and has the worst ones cleaned. */
  private void look() {
    if (asking || busy.size() >= cleaners.atOnce()) {
      return; // who is busy looks again when it is done
    }
    List<HostedPartition> compacted =
        partitions.get().stream().filter(CompactionRounds::isCompacted).toList();
    if (compacted.isEmpty()) {
      counters.onLooked(new CleaningCounters.Backlog(0, 0, 0));
      return;
    }
    long now = nowMillis.getAsLong();
    List<CompletableFuture<Answer>> answers =
        compacted.stream().map(partition -> ask(partition, now)).toList();
    asking = true;
    var unused =
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
            .whenComplete(
                (nothing, failure) ->
                    inHousekeeping(
                        () -> {
                          asking = false;
                          choose(answersOf(answers), now);
                        }));
  }

  private static boolean isCompacted(HostedPartition partition) {
    return partition.config().log().compaction().compacts();
  }

  private static CompletableFuture<Answer> ask(HostedPartition partition, long now) {
    try {
      return partition.ask(
          replica -> new Answer(partition, replica.cleanable(now), replica.uncleanable() == null));
    } catch (WeirException shuttingDown) {
      return CompletableFuture.failedFuture(shuttingDown);
    }
  }

  private static List<Answer> answersOf(List<CompletableFuture<Answer>> answers) {
    return answers.stream()
        .filter(answer -> !answer.isCompletedExceptionally())
        .map(CompletableFuture::join)
        .toList();
  }

  private void choose(List<Answer> answers, long now) {
    counters.onLooked(backlog(answers));
    List<Answer> due = new ArrayList<>();
    for (Answer answer : answers) {
      HostedPartition partition = answer.partition();
      if (answer.share().isDue() && !busy.contains(partition) && !passedOver.contains(partition)) {
        due.add(answer);
      }
    }
    due.sort(
        Comparator.comparing((Answer each) -> each.share().overdue())
            .thenComparing(each -> each.share().dirtyRatio())
            .reversed());
    due.stream()
        .limit(Math.max(0, cleaners.atOnce() - busy.size()))
        .forEach(each -> clean(each.partition(), now));
  }

  private static CleaningCounters.Backlog backlog(List<Answer> answers) {
    return new CleaningCounters.Backlog(
        answers.stream().mapToLong(each -> each.share().dirtyBytes()).sum(),
        answers.stream().mapToDouble(each -> each.share().dirtyRatio()).max().orElse(0),
        (int) answers.stream().filter(each -> !each.cleanable()).count());
  }

  private void clean(HostedPartition partition, long now) {
    busy.add(partition);
    try {
      var unused =
          partition
              .ask(replica -> replica.clean(now, cleaners.threads(), cleaners.limits()))
              .thenCompose(Function.identity())
              .whenComplete(
                  (report, failure) -> inHousekeeping(() -> onDone(partition, report, failure)));
    } catch (WeirException shuttingDown) {
      busy.remove(partition);
    }
  }

  private void onDone(
      HostedPartition partition, @Nullable CleaningReport report, @Nullable Throwable failure) {
    busy.remove(partition);
    if (report != null) {
      counters.onCleaned(report);
      reported.remove(partition);
      LOG.debug("{} was compacted: {}", partition, report);
    } else if (failure != null) {
      passedOver.add(partition);
      onFailed(partition, failure instanceof CompletionException ? failure.getCause() : failure);
    }
    look();
  }

  private void onFailed(HostedPartition partition, @Nullable Throwable failure) {
    if (failure instanceof CleaningAbandonedException || failure instanceof WeirException) {
      LOG.debug("{} was not compacted: {}", partition, failure.getMessage());
      return; // the log is closed, deleted, offline or not compacted any more
    }
    counters.onFailed();
    Class<?> kind = failure == null ? Throwable.class : failure.getClass();
    if (!kind.equals(reported.put(partition, kind))) {
      LOG.warn(
          "{} could not be compacted, everything else goes on: {}",
          partition,
          String.valueOf(failure));
    }
  }

  private void inHousekeeping(Runnable task) {
    try {
      housekeeping.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException failure) {
              LOG.error("logs could not be compacted", failure);
            }
          });
    } catch (RejectedExecutionException shuttingDown) {
      LOG.debug("nothing is compacted any more: the broker is shutting down");
    }
  }
}
