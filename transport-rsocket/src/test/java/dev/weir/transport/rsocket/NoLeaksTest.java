package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NoLeaksTest {
  @Test
  void findsABufferThatIsNeverReleased() {
    NoLeaks.findLeaks();
    NoLeaks.leak("a test's mistake");
    assertThat(NoLeaks.findLeaks()).singleElement().asString().contains("a test's mistake");
    assertThat(NoLeaks.findLeaks()).isEmpty();
  }
}
