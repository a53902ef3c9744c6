package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

/** What the storage files give back is what was put into them, measured by a naive model. */
class StoragePropertiesTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path FILE = ROOT.resolve("file");

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  /** Entries by their distances; some are in the file, some still in memory. */
  @Property(tries = 500)
  void anIndexFindsWhatALinearSearchFinds(
      @ForAll SparseIndex.Kind kind,
      @ForAll @Size(max = 300) List<@IntRange(min = 1, max = 1_000) Integer> steps,
      @ForAll @IntRange(max = 300) int written,
      @ForAll boolean reopened,
      @ForAll @LongRange(min = -1, max = 320_000) long key,
      @ForAll @IntRange(max = 300) int near)
      throws IOException {
    SparseIndex index = new SparseIndex(kind, files.create(FILE));
    List<Long> keys = new ArrayList<>();
    List<Integer> values = new ArrayList<>();
    long next = 0;
    for (int i = 0; i < steps.size(); i++) {
      next += steps.get(i);
      keys.add(next);
      values.add((int) (next / 2 + i));
      index.add(next, values.get(i));
      if (i == written) {
        index.write();
      }
    }
    if (reopened) {
      index.seal();
      index = new SparseIndex(kind, index.file());
      assertThat(index.load(Long.MAX_VALUE, Long.MAX_VALUE)).isTrue();
    }
    IndexView view = index.view();
    assertThat(view.count()).isEqualTo(keys.size());
    assertThat(view.floorByKey(key))
        .isEqualTo((int) keys.stream().filter(k -> k <= key).count() - 1);
    int byValue = (int) values.stream().filter(value -> value <= key).count() - 1;
    assertThat(view.floorByValue(key, -1)).isEqualTo(byValue);
    assertThat(view.floorByValue(key, Math.min(near, byValue))).isEqualTo(byValue);
    files.delete(FILE);
  }

  @Property(tries = 500)
  void aSnapshotGivesBackEveryProducer(
      @ForAll @Size(max = 6)
          List<@NotEmpty @Size(max = 8) List<@IntRange(min = 0) Integer>> batches,
      @ForAll short epoch,
      @ForAll @IntRange(min = -1, max = 9) int coordinatorEpoch,
      @ForAll @LongRange(min = -1, max = 99) long openSince,
      @ForAll boolean abortedKnown,
      @ForAll long millis) {
    ProducerStates producers = new ProducerStates();
    for (int id = 0; id < batches.size(); id++) {
      ProducerState state = new ProducerState(id);
      state.restore(epoch, coordinatorEpoch, openSince);
      for (int sequence : batches.get(id)) {
        state.add(epoch, sequence, sequence % 7, 1_000L * id + sequence);
      }
      state.appendedAt(millis);
      producers.put(state);
    }
    AbortedIndex.Summary aborted = abortedKnown ? new AbortedIndex.Summary(3, epoch) : null;
    ProducerSnapshot saved = ProducerSnapshot.of(producers, aborted);
    ProducerSnapshot stored = new ProducerSnapshot(saved.snapshot(), saved.history());
    ProducerStates read = stored.read();
    assertThat(read).isNotNull();
    assertThat(stored.aborted()).isEqualTo(aborted);
    assertThat(seen(read)).isEqualTo(seen(producers));
    assertThat(read.lastStableOffset(1_000)).isEqualTo(producers.lastStableOffset(1_000));
  }

  /** Epochs by how far they rise, each with how far it reaches. */
  @Property(tries = 500)
  void theEpochsCheckpointTellsTheEpochAtAnyOffset(
      @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 50) Integer> steps,
      @ForAll @LongRange(max = 1_100) long start,
      @ForAll @LongRange(max = 1_100) long offset)
      throws IOException {
    LeaderEpochs epochs = new LeaderEpochs();
    TreeMap<Long, Integer> model = new TreeMap<>();
    long next = 0;
    int epoch = -1;
    for (int step : steps) {
      epoch += step;
      epochs.onBatch(epoch, next);
      model.put(next, epoch);
      next += step;
    }
    epochs.startAt(start);
    SmallFile.replace(files, FILE, epochs.encode());
    LeaderEpochs read = new LeaderEpochs();
    assertThat(read.load(files, FILE, Long.MAX_VALUE)).isTrue();
    assertThat(read.latest()).isEqualTo(epoch);
    assertThat(read.encode()).isEqualTo(epochs.encode());
    Map.Entry<Long, Integer> there = model.floorEntry(Math.max(offset, start));
    assertThat(read.checked(Math.max(offset, start)))
        .isEqualTo(there == null ? LeaderEpochs.NOT_KNOWN : there.getValue());
  }

  @Property(tries = 500)
  void aNumbersFileGivesBackWhatWasWritten(
      @ForAll @NotEmpty @Size(max = 9) long[] numbers,
      @ForAll @IntRange(min = 1, max = 9) int count)
      throws IOException {
    NumbersFile.replace(files, FILE, numbers);
    assertThat(NumbersFile.read(files, FILE, numbers.length)).containsExactly(numbers);
    if (count != numbers.length) {
      assertThat(NumbersFile.read(files, FILE, count)).isNull();
    }
  }

  private static List<String> seen(ProducerStates producers) {
    List<String> seen = new ArrayList<>();
    for (ProducerState state : producers.sorted()) {
      StringBuilder text = new StringBuilder();
      text.append(state.producerId()).append(' ').append(state.epoch());
      text.append(' ').append(state.coordinatorEpoch()).append(' ').append(state.openSince());
      text.append(' ').append(state.lastAppendMillis());
      for (int back = 0; back < state.count(); back++) {
        text.append(", ").append(state.baseSequence(back));
        text.append(' ').append(state.offsetDelta(back)).append(' ').append(state.lastOffset(back));
      }
      seen.add(text.toString());
    }
    return seen;
  }
}
