package dev.weir.storage.disk;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A flush of older batches may run while the next one is being written. */
class ForceDuringWriteTest {
  /** Forces its file in the middle of every write, before a byte of it is there. */
  private static final class Racing extends ShortWritingChannel {
    private LogFile file;
    private String forced = "";

    Racing() {
      super(Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      file.force();
      return super.write(from);
    }

    @Override
    public void force(boolean metaData) {
      forced = written();
    }
  }

  @Test
  void whatWasWrittenDuringAForceIsCoveredByTheNext() throws IOException {
    Racing channel = new Racing();
    LogFile file =
        new ChannelLogFile(Path.of("log"), new OpenFiles(10), (path, options) -> channel).created();
    channel.file = file;
    file.append(ByteBuffer.wrap("first".getBytes(US_ASCII)));
    file.force();
    assertThat(channel.forced).isEqualTo("first");
    file.append(ByteBuffer.wrap(" second".getBytes(US_ASCII)));
    file.force();
    assertThat(channel.forced).isEqualTo("first second");
  }
}
