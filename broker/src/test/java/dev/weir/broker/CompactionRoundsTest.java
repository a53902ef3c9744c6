package dev.weir.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.CleaningCounters;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.KeyedPartition;
import dev.weir.core.disk.FileRange;
import dev.weir.core.time.Time;
import dev.weir.storage.CleaningLimits;
import dev.weir.storage.IoPace;
import dev.weir.storage.QueueLoop;
import dev.weir.storage.disk.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Loops, flush threads and housekeeping are the test's thread; cleaning waits to be told. */
class CompactionRoundsTest {
  private static final long NOW = 1_700_000_000_000L;

  private final QueueLoop loop = new QueueLoop();
  private final QueueLoop cleaning = new QueueLoop();
  private final List<HostedPartition> partitions = new ArrayList<>();
  private final IoPace pace = new IoPace(Long.MAX_VALUE, Time.system());
  private final CleaningCounters counters = new CleaningCounters(Time.system(), pace);
  private CompactionRounds rounds;

  @BeforeEach
  void oneAtATime() {
    rounds = rounds(1);
  }

  private CompactionRounds rounds(int atOnce) {
    return new CompactionRounds(
        () -> partitions,
        new CompactionRounds.Cleaners(cleaning, atOnce, new CleaningLimits(1 << 20, pace)),
        counters,
        () -> NOW,
        loop);
  }

  @Test
  void cleansOneAfterTheOtherTheDirtiestFirstUntilNoneIsDue() throws IOException {
    KeyedPartition half = partition("half").fill(5, 4);
    round();
    half.fill(6, 4); // 4 segments are clean now, the rest is not
    KeyedPartition all = partition("all").fill(9, 2);
    assertThat(counters.cleanings()).isEqualTo(1);
    rounds.begin();
    loop.runAll();
    while (counters.cleanings() == 1) {
      step();
    }
    assertThat(all.numbers()).containsExactly(6, 7, 8);
    assertThat(half.numbers()).hasSize(11);
    finish();
    assertThat(half.numbers()).hasSizeLessThan(11);
    assertThat(counters.cleanings()).isEqualTo(3);
    assertThat(counters.backlog()).isEqualTo(new CleaningCounters.Backlog(0, 0, 0));
    assertThat(counters.bytesRead()).isGreaterThan(counters.bytesKept());
    assertThat(counters.bytesKept()).isGreaterThan(0);
    assertThat(counters.bytesRemoved()).isGreaterThan(6 * 700);
    assertThat(counters.secondsSinceNewest()).isBetween(0.0, 60.0);
  }

  @Test
  void cleansAsManyAtOnceAsThereAreThreads() throws IOException {
    rounds = rounds(2);
    for (String topic : List.of("a", "b", "c")) {
      partition(topic).fill(9, 2);
    }
    rounds.begin();
    loop.runAll();
    assertThat(cleaning.runOne()).isTrue();
    assertThat(cleaning.runOne()).isTrue();
    assertThat(cleaning.runOne()).as("a third one at once").isFalse();
    rounds.begin();
    loop.runAll();
    finish();
    assertThat(counters.cleanings()).isEqualTo(3);
  }

  @Test
  void aLogThatCannotBeCleanedIsLeftAloneAndTheOthersGoOn() throws IOException {
    KeyedPartition damaged = partition("damaged").fill(12, 1);
    KeyedPartition whole = partition("whole").fill(9, 2);
    damaged.damage();
    String logged = logged(this::round);
    assertThat(logged).contains("damaged-0 could not be compacted, everything else goes on");
    assertThat(whole.numbers()).containsExactly(6, 7, 8);
    assertThat(counters.cleanings()).isEqualTo(1);
    assertThat(counters.failures()).isEqualTo(1);
    assertThat(damaged.isOffline()).isFalse();
    whole.fill(8, 2);
    assertThat(logged(this::round)).isEmpty();
    assertThat(counters.cleanings()).isEqualTo(2);
    assertThat(counters.failures()).isEqualTo(1);
    assertThat(counters.backlog().uncleanable()).isEqualTo(1);
  }

  @Test
  void afterAFullDiskItIsTriedAgainAndSaidOnce() throws IOException {
    KeyedPartition full = partition("full").fill(9, 2);
    KeyedPartition other = partition("other").fill(9, 3);
    full.files().failAt(full.files().operations() + 3, Fault.DISK_FULL);
    assertThat(logged(this::round)).contains("full-0 could not be compacted").contains("full");
    assertThat(other.numbers()).hasSizeLessThan(9);
    assertThat(logged(this::round)).as("the second time").isEmpty();
    assertThat(counters.failures()).isEqualTo(2);
    assertThat(counters.backlog().uncleanable()).isZero();
    full.files().freeSpace();
    round();
    assertThat(full.numbers()).containsExactly(6, 7, 8);
  }

  @Test
  void aTopicThatIsNotCompactedAnyMoreIsLetGoAtOnce() throws IOException {
    KeyedPartition changed = partition("changed").fill(9, 2);
    rounds.begin();
    loop.runAll();
    changed.changePolicy("delete");
    assertThat(logged(this::finish)).isEmpty();
    assertThat(changed.numbers()).hasSize(9);
    assertThat(counters.failures()).isZero();
    changed.changePolicy("compact,delete");
    round();
    assertThat(changed.numbers()).containsExactly(6, 7, 8);
  }

  @Test
  void aTopicCanBeDeletedAtAnyStepOfItsCleaning() throws IOException {
    for (int steps = 0; steps < 6; steps++) {
      partitions.clear();
      KeyedPartition deleted = partition("deleted").fill(9, 1);
      KeyedPartition other = partition("other").fill(9, 2);
      rounds.begin();
      loop.runAll();
      for (int step = 0; step < steps; step++) {
        step();
      }
      partitions.remove(deleted.hosted());
      var done = deleted.delete();
      assertThat(logged(this::finish)).isEmpty();
      assertThat(done).isCompleted();
      assertThat(other.numbers()).containsExactly(6, 7, 8);
    }
    assertThat(counters.failures()).isZero();
  }

  @Test
  void aPartitionWhoseDiskFailsGivesItsThreadToOthers() throws IOException {
    KeyedPartition failing = partition("failing").fill(9, 1);
    KeyedPartition other = partition("other").fill(9, 2);
    rounds.begin();
    loop.runAll();
    for (int in = 1; in < 10 && !failing.isOffline(); in++) {
      failing.files().failAt(failing.files().operations() + in, Fault.IO_ERROR);
      failing.fill(1, 1); // only some operations are such that nothing can be trusted afterwards
    }
    assertThat(failing.isOffline()).isTrue();
    finish();
    assertThat(other.numbers()).containsExactly(6, 7, 8);
    assertThat(failing.numbers()).startsWith(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(counters.failures()).isZero();
  }

  @Test
  void whoHoldsARangeReadsItToItsEndAndOthersTheNewSegments() throws IOException {
    KeyedPartition partition = partition("t").fill(9, 2);
    FileRange held = partition.read(0, 1 << 20).range();
    round();
    assertThat(partition.numbers()).containsExactly(6, 7, 8);
    assertThat(KeyedPartition.numbers(held)).startsWith(0);
  }

  @Test
  void withoutACompactedTopicNobodyIsAsked() throws IOException {
    partition("t").fill(9, 1).changePolicy("delete");
    loop.runAll();
    rounds.begin();
    assertThat(loop.runOne()).isFalse();
  }

  private KeyedPartition partition(String topic) throws IOException {
    KeyedPartition partition = new KeyedPartition(topic, loop);
    partitions.add(partition.hosted());
    return partition;
  }

  private void round() {
    rounds.begin();
    finish();
  }

  /** One step of disk work, and everything that follows from it. */
  private boolean step() {
    boolean any = cleaning.runOne();
    loop.runAll();
    return any;
  }

  private void finish() {
    loop.runAll();
    while (step()) {
      // the next one
    }
  }

  private static String logged(Runnable action) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream err = System.err;
    System.setErr(new PrintStream(bytes, true, UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(err);
    }
    return bytes.toString(UTF_8);
  }
}
