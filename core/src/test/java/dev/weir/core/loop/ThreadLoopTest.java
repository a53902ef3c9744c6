package dev.weir.core.loop;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadLoopTest {
  private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
  private final ThreadLoop loop = new ThreadLoop("weir-partition-test", uncaught::add);

  @AfterEach
  void close() {
    loop.close();
  }

  @Test
  void tasksRunOneAtATimeOnTheLoopsThread() throws Exception {
    CompletableFuture<String> name = new CompletableFuture<>();
    loop.execute(() -> name.complete(Thread.currentThread().getName() + " " + loop.inLoop()));

    assertThat(name.get(10, SECONDS)).isEqualTo("weir-partition-test true");
    assertThat(loop.inLoop()).isFalse();
  }

  @Test
  void aDelayBeyondAllTimeIsAsGoodAsNever() throws Exception {
    CompletableFuture<String> first = new CompletableFuture<>();
    loop.execute(
        () -> {
          loop.schedule(Duration.ofMillis(Long.MAX_VALUE), () -> first.complete("never"));
          loop.schedule(Duration.ofMillis(1), () -> first.complete("soon"));
        });

    assertThat(first.get(10, SECONDS)).isEqualTo("soon");
    assertThat(uncaught).isEmpty();
  }

  @Test
  void eachThreadsTasksRunInItsOrder() throws Exception {
    int threads = 4;
    int each = 20_000;
    List<List<Integer>> seen = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(threads * each);
    List<Thread> submitters = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<Integer> mine = new ArrayList<>();
      seen.add(mine);
      Thread submitter =
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  int number = i;
                  loop.execute(
                      () -> {
                        mine.add(number);
                        done.countDown();
                      });
                }
              },
              "weir-test-submitter-" + t);
      submitters.add(submitter);
      submitter.start();
    }
    assertThat(done.await(30, SECONDS)).isTrue();
    for (Thread submitter : submitters) {
      submitter.join();
    }
    assertThat(seen).allSatisfy(mine -> assertThat(mine).isSorted().hasSize(each));
  }

  /** A wake-up lost between the last look at the queue and parking would hang one of these. */
  @Test
  void noWakeUpIsLostWhileTheLoopGoesToSleep() throws Exception {
    for (int i = 0; i < 50_000; i++) {
      CountDownLatch ran = new CountDownLatch(1);
      loop.execute(ran::countDown);
      if (!ran.await(10, SECONDS)) {
        throw new AssertionError("task " + i + " never ran");
      }
      if (i % 16 == 0) {
        LockSupport.parkNanos(1_000L * (i % 7)); // meets the loop at another point of its way
      }
    }
  }

  @Test
  void timersRunInTheOrderOfTheirTimeThenOfTheirSetting() throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    loop.execute(
        () -> {
          loop.schedule(Duration.ofMillis(40), () -> last.complete(null));
          loop.schedule(Duration.ofMillis(20), () -> ran.add("20"));
          loop.schedule(Duration.ZERO, () -> ran.add("first"));
          loop.schedule(Duration.ZERO, () -> ran.add("second"));
        });

    last.get(10, SECONDS);
    assertThat(ran).containsExactly("first", "second", "20");
  }

  @Test
  void aTimerDoesNotRunEarly() throws Exception {
    CompletableFuture<Long> late = new CompletableFuture<>();
    loop.execute(
        () -> {
          long set = System.nanoTime();
          loop.schedule(Duration.ofMillis(30), () -> late.complete(System.nanoTime() - set));
        });

    assertThat(late.get(10, SECONDS)).isGreaterThanOrEqualTo(Duration.ofMillis(30).toNanos());
  }

  @Test
  void aTaskWakesALoopThatWaitsForATimer() throws Exception {
    inLoop(() -> loop.schedule(Duration.ofHours(1), () -> {}));

    assertThat(inLoop(() -> "ran")).isEqualTo("ran");
  }

  @Test
  void aCancelledTimerDoesNotRun() throws Exception {
    AtomicBoolean ran = new AtomicBoolean();
    CompletableFuture<Void> later = new CompletableFuture<>();
    loop.execute(
        () -> {
          PartitionLoop.Timer timer = loop.schedule(Duration.ofMillis(5), () -> ran.set(true));
          loop.schedule(Duration.ofMillis(20), () -> later.complete(null));
          timer.cancel();
          timer.cancel();
        });

    later.get(10, SECONDS);
    assertThat(ran).isFalse();
  }

  @Test
  void manyCancelledTimersLeaveTheOthersInOrder() throws Exception {
    List<Integer> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    loop.execute(
        () -> {
          List<PartitionLoop.Timer> cancelled = new ArrayList<>();
          for (int i = 0; i < 5_000; i++) {
            int number = i;
            PartitionLoop.Timer timer =
                loop.schedule(Duration.ofMillis(20 + i / 500), () -> ran.add(number));
            if (number % 100 != 0) {
              cancelled.add(timer);
            }
          }
          cancelled.forEach(PartitionLoop.Timer::cancel);
          loop.schedule(Duration.ofMillis(40), () -> last.complete(null));
        });

    last.get(10, SECONDS);
    assertThat(ran).hasSize(50).isSorted().allMatch(number -> number % 100 == 0);
  }

  @Test
  void aLoopThatIsNeverIdleStillRunsItsTimers() throws Exception {
    CompletableFuture<Void> fired = new CompletableFuture<>();
    AtomicBoolean stop = new AtomicBoolean();
    loop.execute(() -> loop.schedule(Duration.ofMillis(1), () -> fired.complete(null)));
    loop.execute(again(stop));

    fired.get(10, SECONDS);
    stop.set(true);
  }

  @Test
  void aTimerThatSetsItselfWithoutDelayDoesNotStarveTheTasks() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    loop.execute(() -> loop.schedule(Duration.ZERO, againWithoutDelay(stop)));

    assertThat(inLoop(() -> "ran")).isEqualTo("ran");
    stop.set(true);
  }

  @Test
  void aTaskThatThrowsIsReportedAndTheLoopGoesOn() throws Exception {
    RuntimeException broken = new IllegalStateException("broken");
    loop.execute(
        () -> {
          throw broken;
        });
    loop.execute(
        () ->
            loop.schedule(
                Duration.ZERO,
                () -> {
                  throw broken;
                }));

    await().until(() -> uncaught.size() == 2);
    assertThat(uncaught).containsOnly(broken);
    assertThat(inLoop(() -> "ran")).isEqualTo("ran");
  }

  @Test
  void onlyTheLoopMaySetTimersAndMutate() {
    assertThatThrownBy(() -> loop.schedule(Duration.ZERO, () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("weir-partition-test");
    assertThatThrownBy(loop::assertInLoop).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void closingRunsWhatIsQueuedAndThenRefuses() {
    List<Integer> ran = new CopyOnWriteArrayList<>();
    CountDownLatch hold = new CountDownLatch(1);
    loop.execute(() -> awaitUninterruptibly(hold));
    for (int i = 0; i < 100; i++) {
      int number = i;
      loop.execute(() -> ran.add(number));
    }
    hold.countDown();
    loop.close();

    assertThat(ran).hasSize(100);
    assertThatThrownBy(() -> loop.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("weir-partition-test");
  }

  private <T> T inLoop(Supplier<T> call) throws Exception {
    return CompletableFuture.supplyAsync(call, loop).get(10, SECONDS);
  }

  private Runnable again(AtomicBoolean stop) {
    return () -> {
      if (!stop.get()) {
        loop.execute(again(stop));
      }
    };
  }

  private Runnable againWithoutDelay(AtomicBoolean stop) {
    return () -> {
      if (!stop.get()) {
        loop.schedule(Duration.ZERO, againWithoutDelay(stop));
      }
    };
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
