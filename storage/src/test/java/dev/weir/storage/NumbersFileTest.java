package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NumbersFileTest {
  private static final Path FILE = Path.of("/data/numbers");

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));

  @Test
  void givesBackWhatWasWritten() throws IOException {
    NumbersFile.replace(files, FILE, 1, 0);
    NumbersFile.replace(files, FILE, 12, Long.MAX_VALUE, -3);
    assertThat(NumbersFile.read(files, FILE, 3)).containsExactly(12, Long.MAX_VALUE, -3);
    assertThat(NumbersFile.read(files, FILE, 2)).isNull();
  }

  @Test
  void countsAsAbsentWhenAnyByteIsDamagedOrMissing() throws IOException {
    NumbersFile.replace(files, FILE, 12, 345);
    byte[] whole = SmallFile.read(files, FILE);
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 1;
      SmallFile.replace(files, FILE, damaged);
      assertThat(NumbersFile.read(files, FILE, 2)).isNull();
      SmallFile.replace(files, FILE, java.util.Arrays.copyOf(whole, i));
      assertThat(NumbersFile.read(files, FILE, 2)).isNull();
    }
  }

  @Test
  void isNullWithoutAFile() throws IOException {
    assertThat(NumbersFile.read(files, FILE, 2)).isNull();
  }
}
