package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaderEpochsTest {
  private static final Path FILE = Path.of("/data/leader-epoch-checkpoint");

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private final LeaderEpochs epochs = new LeaderEpochs();

  @Test
  void notesWhereEachEpochBegins() {
    epochs.onBatch(3, 0);
    epochs.onBatch(3, 10);
    epochs.onBatch(5, 20);
    assertThat(epochs.latest()).isEqualTo(5);
    assertThat(new String(epochs.encode(), StandardCharsets.US_ASCII))
        .startsWith("0\n2\n3 0\n5 20\ncrc32c ");
  }

  @Test
  void tellsTheEpochAtAnOffsetOnlyWhereAChecksumProvesIt() throws IOException {
    epochs.onBatch(3, 0);
    epochs.onBatch(5, 20);
    SmallFile.replace(files, FILE, epochs.encode());
    assertThat(epochs.load(files, FILE, 100)).isTrue();
    assertThat(epochs.checked(19)).isEqualTo(3);
    assertThat(epochs.checked(20)).isEqualTo(5);
    write("0\n2\n3 0\n5 20\n");
    assertThat(epochs.load(files, FILE, 100)).isTrue();
    assertThat(epochs.checked(20)).isEqualTo(LeaderEpochs.NOT_KNOWN);
    write("0\n2\n3 0\n5 20\ncrc32c 00000000\n");
    assertThat(epochs.load(files, FILE, 100)).isFalse();
  }

  @Test
  void tellsOnceThatItChanged() {
    assertThat(epochs.takeChanged()).isFalse();
    epochs.onBatch(3, 0);
    assertThat(epochs.takeChanged()).isTrue();
    epochs.onBatch(3, 1);
    assertThat(epochs.takeChanged()).isFalse();
  }

  @Test
  void loadsWhatBeganBelowTheOffset() throws IOException {
    write("0\n2\n3 0\n5 20\n");
    assertThat(epochs.load(files, FILE, 20)).isTrue();
    assertThat(epochs.latest()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0\n",
        "0\n2\n3 0\n",
        "1\n1\n3 0\n",
        "0\n1\n30\n",
        "0\n1\nx y\n",
        "0\nz\n"
      })
  void doesNotTrustADamagedFile(String content) throws IOException {
    write(content);
    assertThat(epochs.load(files, FILE, 100)).isFalse();
    assertThat(epochs.latest()).isEqualTo(-1);
  }

  @Test
  void isEmptyWithoutAFile() throws IOException {
    assertThat(epochs.load(files, FILE, 100)).isFalse();
  }

  private void write(String content) throws IOException {
    SmallFile.replace(files, FILE, content.getBytes(StandardCharsets.US_ASCII));
  }
}
