package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the README and the guides show of Java is code that is compiled and run here. */
class SnippetsTest {
  private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @MethodSource("pages")
  void everySnippetIsOfTheseSources(String page) throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("examples/src"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".java")).toList()) {
        sources.add(words(Files.readString(file)));
      }
    }
    Matcher snippets = SNIPPET.matcher(Files.readString(ROOT.resolve(page)));
    int count = 0;
    while (snippets.find()) {
      String snippet = words(snippets.group(1));
      if (!snippet.contains("RSocketRequester")) { // is held where Spring is
        String[] pieces = snippet.split(" \\.\\.\\. ");
        assertThat(sources)
            .as("a source with all of %s", List.of(pieces))
            .anyMatch(source -> Stream.of(pieces).allMatch(source::contains));
        count++;
      }
    }
    assertThat(count).as("snippets of %s", page).isPositive();
  }

  static List<String> pages() {
    return List.of(
        "README.md", "docs/guide/from-reactor-kafka.md", "docs/guide/delivery-guarantees.md");
  }

  private static String words(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
