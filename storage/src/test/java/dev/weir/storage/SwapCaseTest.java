package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Segments 0 and 5 are to be replaced by one that ends at offset 10. */
class SwapCaseTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final SegmentSwap OLD_TO_NEW =
      new SegmentSwap(
          new LogHome(new TopicPartition("orders", 0), DIRECTORY, new SimulatedLogFiles(DIRECTORY)),
          List.of(0L, 5L, 10L));
  private static final String OLD =
      "{0.log=old, 0.timeindex=old, 0.txnindex=old, 10.history=old, 5.log=old, 5.timeindex=old}";

  /**
   * swap's name there, cleaned names there, directory trusted → case, and the files afterwards;
   * every combination has its line.
   */
  private static final Map<String, String> TABLE = new LinkedHashMap<>();

  static {
    TABLE.put("000", "NONE " + OLD);
    TABLE.put("001", "NONE " + OLD);
    TABLE.put("010", "UNDECIDED " + OLD);
    TABLE.put("011", "UNDECIDED " + OLD);
    TABLE.put(
        "100",
        "DECIDED {0.log=new, 0.timeindex=old, 0.txnindex=old, 10.history=old}"); // its indexes have
    // their names
    TABLE.put("101", "DECIDED {0.log=new, 0.timeindex=old, 0.txnindex=old, 10.history=old}");
    TABLE.put("110", "DECIDED {0.log=new, 0.timeindex=new, 0.txnindex=new, 10.history=new}");
    TABLE.put("111", "DECIDED {0.log=new, 0.timeindex=new, 0.txnindex=new, 10.history=new}");
  }

  @Test
  void everyCombinationEndsAsTheTableSaysHoweverOftenItIsRecovered() throws IOException {
    Set<SwapCase> seen = EnumSet.noneOf(SwapCase.class);
    for (int bits = 0; bits < 8; bits++) {
      String key = String.format("%3s", Integer.toBinaryString(bits)).replace(' ', '0');
      SimulatedLogFiles files = new SimulatedLogFiles(DIRECTORY.getParent());
      files.createDirectories(DIRECTORY);
      LogHome home = new LogHome(OLD_TO_NEW.home().partition(), DIRECTORY, files);
      for (long old : List.of(0L, 5L)) {
        write(home, LogNames.of(old, LogNames.LOG), "old");
        write(home, LogNames.of(old, LogNames.TIME_INDEX), "old");
      }
      write(home, LogNames.of(0, LogNames.ABORTED_INDEX), "old");
      write(home, LogNames.of(10, LogNames.PRODUCER_HISTORY), "old");
      if ((bits & 4) != 0) {
        write(home, LogNames.swap(OLD_TO_NEW.offsets()), "new");
      }
      if ((bits & 2) != 0) {
        write(home, LogNames.of(0, LogNames.TIME_INDEX) + LogNames.CLEANED, "new");
        write(home, LogNames.of(0, LogNames.ABORTED_INDEX) + LogNames.CLEANED, "new");
        write(home, LogNames.of(10, LogNames.PRODUCER_HISTORY) + LogNames.CLEANED, "new");
        write(home, LogNames.of(20, LogNames.LOG) + LogNames.CLEANED, "of another group");
      }
      boolean trusted = (bits & 1) != 0;
      SwapCase found = SegmentSwap.recover(home, files.list(DIRECTORY), trusted);
      seen.add(found);
      assertThat(found + " " + contents(home)).as(key).isEqualTo(TABLE.get(key));
      assertThat(SegmentSwap.recover(home, files.list(DIRECTORY), trusted))
          .isEqualTo(SwapCase.NONE);
      assertThat(found + " " + contents(home)).as(key + ", again").isEqualTo(TABLE.get(key));
    }
    assertThat(seen).containsExactlyInAnyOrder(SwapCase.values());
  }

  private static void write(LogHome home, String name, String content) throws IOException {
    try (LogFile file = home.files().create(home.file(name))) {
      file.append(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static Map<String, String> contents(LogHome home) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    for (String name : home.files().list(home.directory())) {
      try (LogFile file = home.files().open(home.file(name))) {
        ByteBuffer bytes = ByteBuffer.allocate((int) home.files().size(home.file(name)));
        file.readFully(bytes, 0);
        contents.put(
            name.replaceFirst("^0+(?=\\d)", ""), new String(bytes.array(), StandardCharsets.UTF_8));
      }
    }
    return contents;
  }
}
