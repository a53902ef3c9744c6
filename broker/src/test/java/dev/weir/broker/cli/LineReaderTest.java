package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.WeirException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LineReaderTest {
  @Test
  void keepsEmptyLinesCarriageReturnsAndBytesThatAreNotText() throws IOException {
    assertThat(lines("a\n\n\r\n\u00ff\u0000x\n", 100))
        .containsExactly("a", "", "\r", "\u00ff\u0000x");
  }

  @Test
  void aLastLineWithoutNewlineIsALine() throws IOException {
    assertThat(lines("a\nb", 100)).containsExactly("a", "b");
    assertThat(lines("a\nb\n", 100)).containsExactly("a", "b");
    assertThat(lines("", 100)).isEmpty();
    assertThat(lines("\n", 100)).containsExactly("");
  }

  @Test
  void aLineOfExactlyTheLimitIsTaken() throws IOException {
    String line = "x".repeat(1 << 20);
    assertThat(lines(line + "\n" + line, 1 << 20)).containsExactly(line, line);
  }

  @Test
  void aLineOverTheLimitIsRefusedWithItsNumberAndSizeAfterTheLinesBefore() {
    for (int size : new int[] {11, 200_000, 5_000_000}) {
      for (String rest : new String[] {"", "\n", "\nmore\n"}) {
        String input = "a\nb\n" + "x".repeat(size) + rest;
        LineReader reader = new LineReader(trickle(input, 70_000), 10);
        List<String> taken = new ArrayList<>();
        assertThatThrownBy(() -> drain(reader, taken))
            .isInstanceOf(WeirException.class)
            .hasMessage("line 3 has " + size + " bytes; a record has at most 10 bytes");
        assertThat(taken).containsExactly("a", "b");
      }
    }
  }

  @Property(tries = 200)
  void joiningTheLinesGivesTheInput(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 999) int read) throws IOException {
    Random random = new Random(seed);
    StringBuilder input = new StringBuilder();
    for (int i = random.nextInt(400); i > 0; i--) {
      input.append("x".repeat(random.nextInt(3) == 0 ? random.nextInt(5_000) : 0)).append('\n');
    }
    LineReader reader = new LineReader(trickle(input.toString(), read), 1 << 20);
    List<String> taken = new ArrayList<>();
    drain(reader, taken);
    StringBuilder joined = new StringBuilder();
    taken.forEach(line -> joined.append(line).append('\n'));
    assertThat(joined.toString()).isEqualTo(input.toString());
    assertThat(reader.linesRead()).isEqualTo(taken.size());
  }

  @Test
  void aLineThatNeverEndsIsRefusedToo() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            Arrays.fill(target, offset, offset + length, (byte) 'x');
            return length;
          }
        };

    assertThatThrownBy(() -> drain(new LineReader(endless, 1000), new ArrayList<>()))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("line 1 has at least ")
        .hasMessageContaining("at most 1000 bytes");
  }

  private static List<String> lines(String input, int limit) throws IOException {
    List<String> taken = new ArrayList<>();
    drain(new LineReader(trickle(input, 3_000), limit), taken);
    return taken;
  }

  private static void drain(LineReader reader, List<String> taken) throws IOException {
    do {
      byte[] line;
      while ((line = reader.poll()) != null) {
        taken.add(new String(line, ISO_8859_1));
      }
    } while (reader.fill());
  }

  /** An input that gives few bytes at a time, as a pipe does. */
  static InputStream trickle(String input, int bytesAtATime) {
    return new ByteArrayInputStream(input.getBytes(ISO_8859_1)) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(length, bytesAtATime));
      }
    };
  }
}
