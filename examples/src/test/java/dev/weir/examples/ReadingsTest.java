package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.BrokerServer;
import dev.weir.broker.BrokerSettings;
import dev.weir.broker.SettingKeys;
import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.SendResult;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadingsTest {
  @TempDir private Path dir;

  @Test
  void everyReadingIsSentAndWorkedOff() {
    BrokerServer broker =
        BrokerServer.start(
            BrokerSettings.load(
                null,
                Map.of(
                    SettingKeys.DATA_DIR, dir.toString(),
                    SettingKeys.PORT, "0",
                    SettingKeys.HTTP_PORT, "0")));
    try {
      WeirClient client =
          WeirClient.create(ClientSettings.of("127.0.0.1:" + broker.rsocketAddress().getPort()));
      client.admin().createTopic(NewTopic.of("readings", 4)).block();
      List<SendResult<Integer>> sent = Readings.send(client).collectList().block();
      assertThat(sent).hasSize(100).noneMatch(SendResult::isError);
      assertThat(Readings.work(client).collectList().block())
          .hasSize(100)
          .anyMatch(line -> line.endsWith("sensor-4: value 100"));
      assertThat(Readings.share(client).take(100).collectList().block())
          .hasSize(100)
          .anyMatch(line -> line.endsWith("sensor-4: value 100"));
      client.close().block();
    } finally {
      broker.shutdown(Duration.ofSeconds(10));
    }
  }

  @Test
  void theReadmeShowsThisCode() throws IOException {
    Path root = Path.of(System.getProperty("basedir", ".")).resolve("..");
    String readme = Files.readString(root.resolve("README.md"));
    String shown = readme.substring(readme.indexOf("```java\n") + 8);
    shown = shown.substring(0, shown.indexOf("```"));
    String code =
        Files.readString(root.resolve("examples/src/main/java/dev/weir/examples/Readings.java"));
    assertThat(words(code)).contains(words(shown).split(" \\.\\.\\. "));
  }

  private static String words(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
