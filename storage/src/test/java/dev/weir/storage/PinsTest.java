package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PinsTest {
  private final AtomicInteger disposed = new AtomicInteger();
  private final Pins pins = new Pins(disposed::incrementAndGet);

  @Test
  void disposesWhenTheLastOneLetsGo() {
    pins.pin();
    pins.unpin();
    assertThat(disposed).hasValue(0);
    pins.pin();
    pins.unpin();
    pins.unpin();
    assertThat(disposed).hasValue(1);
  }

  @Test
  void refusesToBePinnedOrLetGoAfterwards() {
    pins.unpin();
    assertThatThrownBy(pins::pin).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(pins::unpin).isInstanceOf(IllegalStateException.class);
    assertThat(disposed).hasValue(1);
  }
}
