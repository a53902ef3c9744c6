package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProducerSnapshotTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5, 9})
  void givesBackWhatWasSaved(int batches) {
    ProducerSnapshot saved = ProducerSnapshot.of(producers(batches), AbortedIndex.Summary.NONE);
    ProducerStates read = new ProducerSnapshot(saved.snapshot(), saved.history()).read();
    assertThat(read).isNotNull();
    ProducerSnapshot again = ProducerSnapshot.of(read, AbortedIndex.Summary.NONE);
    assertThat(again.snapshot()).isEqualTo(saved.snapshot());
    assertThat(again.history()).isEqualTo(saved.history());
    assertThat(read.sorted()).hasSize(batches == 0 ? 0 : 2);
    for (ProducerState state : read.sorted()) {
      assertThat(state.count()).isEqualTo(Math.min(batches, ProducerState.REMEMBERED));
      assertThat(state.lastAppendMillis()).isEqualTo(77);
    }
  }

  @Test
  void isIgnoredWhenAnyByteIsDamaged() {
    ProducerSnapshot saved = ProducerSnapshot.of(producers(3), AbortedIndex.Summary.NONE);
    for (byte[] file : List.of(saved.snapshot(), saved.history())) {
      for (int i = 0; i < file.length; i++) {
        file[i] ^= 4;
        assertThat(saved.read()).isNull();
        file[i] ^= 4;
      }
    }
    assertThat(saved.read()).isNotNull();
  }

  @Test
  void isIgnoredWhenTheTwoFilesDoNotBelongTogether() {
    ProducerSnapshot one = ProducerSnapshot.of(producers(3), AbortedIndex.Summary.NONE);
    ProducerSnapshot other = ProducerSnapshot.of(producers(4), AbortedIndex.Summary.NONE);
    assertThat(new ProducerSnapshot(one.snapshot(), other.history()).read()).isNull();
  }

  @Test
  void isIgnoredWhenAFileIsShort() {
    ProducerSnapshot saved = ProducerSnapshot.of(producers(3), AbortedIndex.Summary.NONE);
    assertThat(new ProducerSnapshot(new byte[0], saved.history()).read()).isNull();
    assertThat(new ProducerSnapshot(saved.snapshot(), new byte[3]).read()).isNull();
  }

  private static ProducerStates producers(int batches) {
    ProducerStates producers = new ProducerStates();
    for (long id = 3; id <= 4 && batches > 0; id++) {
      ProducerState state = new ProducerState(id);
      for (int i = 0; i < batches; i++) {
        state.add((short) 2, Integer.MAX_VALUE - 5 + i, i % 2, 100 * id + 2L * i);
      }
      state.appendedAt(77);
      producers.put(state);
    }
    return producers;
  }
}
