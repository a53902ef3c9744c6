package dev.weir.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.WeirClient;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WeirBrokerExtension.class)
class WeirBrokerExtensionTest {
  private static WeirTestBroker beforeAll;

  @BeforeAll
  static void prepare(WeirTestBroker broker) {
    broker.createTopics("readings");
    beforeAll = broker;
  }

  @Test
  void allTestsOfTheClassHaveTheSameBroker(WeirTestBroker broker, WeirClient client) {
    assertThat(broker).isSameAs(beforeAll);
    assertThat(client).isSameAs(broker.client());
    assertThat(client.admin().describeTopic("readings").block(Duration.ofSeconds(20))).isNotNull();
  }

  @Nested
  class Inside {
    @Test
    void nestedTestsHaveItToo(WeirTestBroker broker) {
      assertThat(broker).isSameAs(beforeAll);
    }
  }
}
