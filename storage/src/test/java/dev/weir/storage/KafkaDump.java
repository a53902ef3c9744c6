package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.tools.DumpLogSegments;

/** Kafka's own tool that reads the files of a log, and whether it finds anything wrong. */
public final class KafkaDump {
  private static final List<String> COMPLAINTS =
      List.of(
          "invalid bytes",
          "Non-consecutive",
          "not found",
          "out of order",
          "Mismatches",
          "Index timestamp",
          "isvalid: false",
          "corrupt",
          "Exception");

  private KafkaDump() {}

  /**
   * What the tool says on stdout, after making sure that neither there nor on stderr it complains.
   */
  public static String dump(String option, List<Path> files) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(option, "--files"));
    arguments.add(String.join(",", files.stream().map(Path::toString).toList()));
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      DumpLogSegments.main(arguments.toArray(String[]::new));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    String stdout = said.toString(StandardCharsets.UTF_8);
    String stderr = withoutFirstOffsets(complained.toString(StandardCharsets.UTF_8));
    for (String complaint : COMPLAINTS) {
      assertThat(stdout).doesNotContainIgnoringCase(complaint);
      assertThat(stderr).doesNotContainIgnoringCase(complaint);
    }
    return stdout;
  }

  /**
   * The tool expects offset 0 at the start of every segment, and no gaps, and says so where it is
   * otherwise; in a compacted log offsets still have to rise.
   */
  private static String withoutFirstOffsets(String stderr) {
    Matcher gaps = Pattern.compile("  (-?\\d+) is followed by (\\d+)\\R").matcher(stderr);
    while (gaps.find()) {
      assertThat(Long.parseLong(gaps.group(2))).isGreaterThan(Long.parseLong(gaps.group(1)));
    }
    return stderr.replaceAll(
        "Non-consecutive offsets in \\S*\\.log\\R(  .* is followed by .*\\R)+", "");
  }

  public static int occurrences(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    int count = 0;
    while (matcher.find()) {
      count++;
    }
    return count;
  }
}
