package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.NewTopic;
import dev.weir.client.SendResult;
import dev.weir.client.WeirClient;
import dev.weir.testing.WeirBrokerExtension;
import dev.weir.testing.WeirTestBroker;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WeirBrokerExtension.class)
class ReadingsTest {
  @Test
  void everyReadingIsSentAndWorkedOff(WeirTestBroker broker, WeirClient client) {
    broker.createTopic(NewTopic.of("readings", 4));
    List<SendResult<Integer>> sent = Readings.send(client).collectList().block();
    assertThat(sent).hasSize(100).noneMatch(SendResult::isError);
    assertThat(Readings.work(client).collectList().block())
        .hasSize(100)
        .anyMatch(line -> line.endsWith("sensor-4: value 100"));
    assertThat(Readings.share(client).take(100).collectList().block())
        .hasSize(100)
        .anyMatch(line -> line.endsWith("sensor-4: value 100"));
  }
}
