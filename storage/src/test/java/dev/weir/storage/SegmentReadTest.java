package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.LogFiles;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** How often reads of older batches look into the page cache, and what they do then. */
class SegmentReadTest {
  private static final Path ROOT = Path.of("/data");
  private static final int BATCHES = 300;
  private static final int RANGE_BYTES = 64 << 10;
  private static final String VALUE = "v".repeat(10_000);

  private final ManualTime time = new ManualTime();

  /** The lengths that were asked about. */
  private final List<Integer> asked = new ArrayList<>();

  private IntPredicate resident = length -> true;
  private int bytesRead;

  @Test
  void looksOnceForWhatIsReadInAMoment() throws IOException {
    int reads = readAll(Duration.ZERO);
    assertThat(reads).isGreaterThan(40);
    assertThat(asked).hasSizeBetween(3, 4).startsWith(1 << 20);
  }

  @Test
  void looksAgainAfterAMoment() throws IOException {
    int reads = readAll(Duration.ofMillis(100));
    assertThat(asked).hasSize(reads);
  }

  @Test
  void doesNotReadARangeThatIsThereWhenWhatFollowsIsNot() throws IOException {
    resident = length -> length <= RANGE_BYTES;
    int reads = readAll(Duration.ZERO);
    assertThat(asked).hasSizeBetween(2 * reads - 1, 2 * reads);
    assertThat(bytesRead).as("headers and index entries").isLessThan(reads * 20_000);
  }

  @Test
  void readsARangeThatIsNotThere() throws IOException {
    resident = length -> false;
    readAll(Duration.ZERO);
    assertThat(bytesRead).isGreaterThan(BATCHES * VALUE.length());
  }

  private int readAll(Duration between) throws IOException {
    LogFiles files = watched(LogFiles.class, new SimulatedLogFiles(ROOT));
    LogDriver driver =
        new LogDriver(files, ROOT.resolve("orders-0"), LogSettings.DEFAULTS.withHotBytes(0), time);
    for (int i = 0; i < BATCHES; i++) {
      driver.append(TestBatches.batch(10, VALUE));
    }
    bytesRead = 0;
    int reads = 0;
    for (long offset = 0; offset < BATCHES; reads++) {
      ReadOutcome.Slice slice = driver.read(offset, RANGE_BYTES, BATCHES);
      slice.range().release();
      offset = slice.nextOffset();
      time.pass(between);
    }
    return reads;
  }

  /** Passes everything on; files that come out of it are watched as well. */
  private <T> T watched(Class<T> type, T real) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals("isResident")) {
                int length = (Integer) arguments[1];
                asked.add(length);
                return resident.test(length);
              }
              if (method.getName().equals("readFully")) {
                bytesRead += ((ByteBuffer) arguments[0]).remaining();
              }
              try {
                Object result = method.invoke(real, arguments);
                return result instanceof LogFile file ? watched(LogFile.class, file) : result;
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
    return type.cast(proxy);
  }
}
