package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.partition.TopicSettings;
import dev.weir.broker.setting.Setting;
import dev.weir.broker.setting.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The reference page says what the code says. */
class SettingsPageTest {
  private static final Path PAGE = Path.of("../docs/settings.md");
  private static final String WRITE = "weir.settings.write";

  @Test
  void thePageIsWhatTheCodeSays() throws IOException {
    String page = page();
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE))
        .describedAs(
            "docs/settings.md is stale; write it again with: mvn -pl broker -am test"
                + " -Dtest=SettingsPageTest -Dsurefire.failIfNoSpecifiedTests=false -D%s=true",
            WRITE)
        .isEqualTo(page);
  }

  @Test
  void theBoundsOfBrokerSettingsAreThoseEnforced() {
    for (Setting setting : BrokerKeys.all()) {
      if (setting.values() instanceof Values.WholeNumber number) {
        String name = setting.name();
        load(name, number.min());
        assertThatThrownBy(() -> load(name, number.min() - 1)).hasMessageContaining(name);
        if (number.max() < Long.MAX_VALUE) {
          load(name, number.max());
          assertThatThrownBy(() -> load(name, number.max() + 1)).hasMessageContaining(name);
        }
      }
    }
  }

  private static void load(String name, long value) {
    BrokerSettings.load(null, Map.of(name, Long.toString(value)));
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Settings

        Made from the code by `SettingsPageTest`; change it there.

        ## Of a topic

        Given with `weir topic create NAME --config KEY=VALUE`, changed while the topic is in use with `weir topic alter`,
        shown by `weir topic describe`. A change counts from the next batch on. `topic.KEY` among the broker's settings is
        the default for topics that do not say otherwise. Where Kafka 4.3 has a setting of the same name, it means the same.

        """);
    append(page, TopicSettings.all());
    page.append(
        """

        Kafka's settings that have no meaning here are refused with the reason:

        """);
    new TreeMap<>(TopicSettings.notHere())
        .forEach((name, why) -> page.append("- `" + name + "`: " + why + ".\n"));
    page.append(
        """

        ## Of a broker

        Given with `weir server -D KEY=VALUE` or in the properties file named by `--config`; the former go before the
        latter. An unknown key refuses to start. They count from the start of the broker on.

        """);
    append(page, BrokerKeys.all());
    return page.toString();
  }

  private static void append(StringBuilder page, Collection<Setting> settings) {
    page.append("| Setting | Default | May be | Meaning |\n|---|---|---|---|\n");
    for (Setting setting : settings) {
      String extremes = setting.extremes().isEmpty() ? "" : "<br>" + setting.extremes();
      page.append(
          "| `%s` | %s | %s | %s%s |\n"
              .formatted(
                  setting.name(),
                  setting.orElse().isEmpty() ? "empty" : setting.orElse(),
                  setting.values().expected(),
                  setting.meaning(),
                  extremes));
    }
  }
}
