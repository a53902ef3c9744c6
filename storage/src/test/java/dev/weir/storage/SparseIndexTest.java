package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparseIndexTest {
  private static final Path ROOT = Path.of("/data");

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  @ParameterizedTest
  @EnumSource(SparseIndex.Kind.class)
  void findsTheLastEntryAtOrBelowForAnyNumberOfEntries(SparseIndex.Kind kind) throws IOException {
    SparseIndex index = new SparseIndex(kind, create(kind.name()));
    for (int entries = 0; entries < 1200; entries++) {
      if (entries % 97 == 0 || entries < 5) {
        IndexView view = index.view();
        assertThat(view.count()).isEqualTo(entries);
        for (int i = 0; i < entries; i++) {
          assertThat(view.floorByKey(10L * i + 10)).isEqualTo(i);
          assertThat(view.floorByKey(10L * i + 19)).isEqualTo(i);
          assertThat(view.floorByValue(7L * i + 6, -1)).isEqualTo(i);
          assertThat(view.floorByValue(7L * i + 6, i / 2)).isEqualTo(i);
          assertThat(view.floorByValue(7L * i, i)).isEqualTo(i);
        }
        assertThat(view.floorByKey(9)).isEqualTo(-1);
      }
      index.add(10L * entries + 10, 7 * entries);
    }
  }

  /** A view shares the memory of entries that are not written yet. */
  @Test
  void viewsKeepWhatTheySawWhateverComesLater() throws IOException {
    SparseIndex index = new SparseIndex(SparseIndex.Kind.OFFSET, create("offsets"));
    for (int i = 0; i < 3; i++) {
      index.add(10 + i, i);
    }
    IndexView before = index.view();
    index.add(13, 3);
    index.write();
    for (int i = 100; i < 103; i++) {
      index.add(i, i);
    }
    IndexView after = index.view();
    index.clear();
    for (int i = 0; i < 9; i++) {
      index.add(500 + i, 500 + i);
    }

    assertThat(before.count()).isEqualTo(3);
    assertThat(before.key(0)).isEqualTo(10);
    assertThat(before.value(2)).isEqualTo(2);
    assertThat(before.floorByKey(1_000)).isEqualTo(2);
    assertThat(after.key(4)).isEqualTo(100);
    assertThat(after.value(6)).isEqualTo(102);
  }

  @Test
  void hasKafkasLayout() throws IOException {
    LogFile offsets = create("offsets");
    SparseIndex index = new SparseIndex(SparseIndex.Kind.OFFSET, offsets);
    index.add(5, 400);
    index.seal();
    assertThat(content(offsets)).isEqualTo(ByteBuffer.allocate(8).putInt(5).putInt(400).flip());
    LogFile times = create("times");
    index = new SparseIndex(SparseIndex.Kind.TIME, times);
    index.add(1L << 40, 3);
    index.seal();
    assertThat(content(times))
        .isEqualTo(ByteBuffer.allocate(12).putLong(1L << 40).putInt(3).flip());
  }

  @Test
  void goesOnWhereItsFileEnds() throws IOException {
    LogFile file = create("index");
    SparseIndex index = new SparseIndex(SparseIndex.Kind.OFFSET, file);
    index.add(5, 400);
    index.seal();
    index.add(9, 800);
    index.seal();
    SparseIndex reopened = new SparseIndex(SparseIndex.Kind.OFFSET, file);
    assertThat(reopened.load(9, 800)).isTrue();
    assertThat(reopened.lastKey()).isEqualTo(9);
    assertThat(reopened.lastValue()).isEqualTo(800);
    reopened.add(10, 900);
    assertThat(reopened.view().count()).isEqualTo(3);
  }

  @Test
  void doesNotTrustAFileThatCannotBeWhatWasWritten() throws IOException {
    LogFile file = create("index");
    SparseIndex index = new SparseIndex(SparseIndex.Kind.OFFSET, file);
    index.add(5, 400);
    index.add(9, 800);
    index.seal();
    assertThat(new SparseIndex(SparseIndex.Kind.OFFSET, file).load(8, 800)).isFalse();
    assertThat(new SparseIndex(SparseIndex.Kind.OFFSET, file).load(9, 799)).isFalse();
    file.append(ByteBuffer.allocate(8));
    assertThat(new SparseIndex(SparseIndex.Kind.OFFSET, file).load(9, 800)).isFalse();
    file.truncate(15);
    assertThat(new SparseIndex(SparseIndex.Kind.OFFSET, file).load(9, 800)).isFalse();
  }

  @Test
  void refusesAKeyThatDoesNotRise() throws IOException {
    SparseIndex index = new SparseIndex(SparseIndex.Kind.OFFSET, create("index"));
    index.add(5, 400);
    assertThatThrownBy(() -> index.add(5, 500)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isOnlySparserAfterAFailedWrite(boolean truncateFailsToo) throws IOException {
    LogFile file = create("index");
    SparseIndex index = new SparseIndex(SparseIndex.Kind.OFFSET, file);
    index.add(1, 1);
    index.write();
    files.failAt(files.operations() + 1, Fault.IO_ERROR);
    if (truncateFailsToo) {
      files.failAt(files.operations() + 2, Fault.IO_ERROR);
    }
    index.add(2, 2);
    index.write();
    index.add(3, 3);
    index.write();
    IndexView view = index.view();
    assertThat(view.count()).isEqualTo(truncateFailsToo ? 1 : 2);
    assertThat(view.key(0)).isEqualTo(1);
    assertThat(view.floorByKey(5)).isEqualTo(view.count() - 1);
  }

  private LogFile create(String name) throws IOException {
    return files.create(ROOT.resolve(name));
  }

  private static ByteBuffer content(LogFile file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
    file.readFully(bytes, 0);
    return bytes.flip();
  }
}
