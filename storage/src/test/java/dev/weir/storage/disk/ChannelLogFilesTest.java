package dev.weir.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelLogFilesTest extends LogFilesContract {
  @TempDir Path temporary;

  @Override
  LogFiles files() {
    return new ChannelLogFiles(100);
  }

  @Override
  Path root() {
    return temporary;
  }

  @Test
  void knowsThatWhatWasJustWrittenIsResidentAlsoAfterTheFileGrew() throws IOException {
    try (LogFile file = files().create(temporary.resolve("a"))) {
      file.append(ByteBuffer.allocate(10_000));
      assertThat(file.isResident(5_000, 5_000)).isTrue();
      file.append(ByteBuffer.allocate(10_000));
      assertThat(file.isResident(12_000, 8_000)).isTrue();
    }
  }

  @Test
  void tellsAFullDiskFromASickOne() {
    Path path = Path.of("x");
    IOException full = new IOException("No space left on device");
    IOException sick = new IOException("Input/output error");
    assertThat(ChannelLogFile.classify(path, full))
        .isInstanceOf(DiskFullException.class)
        .hasCause(full);
    assertThat(ChannelLogFile.classify(path, sick)).isSameAs(sick);
  }
}
