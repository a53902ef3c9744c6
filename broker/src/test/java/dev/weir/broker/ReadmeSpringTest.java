package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.messaging.rsocket.RSocketRequester;
import org.springframework.util.MimeTypeUtils;
import reactor.core.publisher.Flux;

/** What the README tells users of Spring to paste. */
class ReadmeSpringTest {
  private static final Path SOURCE = Path.of("src/test/java/dev/weir/broker/ReadmeSpringTest.java");

  @TempDir private Path dataDir;

  @Test
  void theExampleWorks() {
    try (RunningBroker broker = RunningBroker.in(dataDir);
        PlainClient client = broker.connectJson()) {
      client.ask("admin.topics.create", "{\"name\":\"packages\"}");
      client
          .rsocket()
          .requestChannel(
              Flux.range(0, 42)
                  .map(i -> PlainClient.record("topics.packages.produce", null, "v" + i)))
          .blockLast();
      int port = broker.server().rsocketAddress().getPort();

      RSocketRequester weir =
          RSocketRequester.builder()
              .dataMimeType(MimeTypeUtils.APPLICATION_JSON)
              .tcp("localhost", port);
      String stored = // {"partition":0,"offset":42}
          weir.route("topics.{topic}.produce", "packages")
              .data("one more")
              .retrieveMono(String.class)
              .block();
      List<String> seven =
          weir.route("topics.{topic}.subscribe", "packages")
              .data("{\"from\":\"earliest\"}")
              .retrieveFlux(String.class)
              .take(7) // request(7) on the wire
              .collectList()
              .block();

      assertThat(stored).isEqualTo("{\"partition\":0,\"offset\":42}");
      assertThat(seven).containsExactly("v0", "v1", "v2", "v3", "v4", "v5", "v6");
      weir.dispose();
    }
  }

  @Test
  void theExampleIsTheOneAbove() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    int section = readme.indexOf("## Without our client");
    int start = readme.indexOf("```java", section) + "```java".length();
    String example = readme.substring(start, readme.indexOf("```", start)).replace("9800", "port");
    assertThat(onOneLine(Files.readString(SOURCE))).contains(onOneLine(example));
  }

  private static String onOneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
