package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.Acks;
import dev.weir.client.SendResult;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class LineDeliveryTest {
  private final PumpedPublisher<byte[]> lines =
      new PumpedPublisher<>(new LineReader(InputStream.nullInputStream(), 10));
  private final LineDelivery delivery = new LineDelivery(lines, Acks.ALL);

  @Test
  void saysNothingWhenEveryLineWasDelivered() {
    Flux.just(sent(1), sent(2)).subscribe(delivery.tally());
    assertThatCode(delivery::awaitEnd).doesNotThrowAnyException();
  }

  @Test
  void namesTheFirstLineThatFailedAndCountsTheOthers() {
    Flux.just(sent(1), failed(2), failed(3), sent(4)).subscribe(delivery.tally());
    assertThatThrownBy(delivery::awaitEnd)
        .isInstanceOf(CommandFailure.class)
        .hasMessage("line 2: the disk is full; 2 lines were acknowledged, 2 failed");
  }

  @Test
  void tellsWhyTheStreamEnded() {
    Flux.concat(
            Flux.just(sent(1)),
            Flux.error(new WeirException(ErrorCode.BROKER_UNAVAILABLE, "nobody is there")))
        .subscribe(delivery.tally());
    assertThatThrownBy(delivery::awaitEnd)
        .isInstanceOf(CommandFailure.class)
        .hasMessage("nobody is there; 1 line was acknowledged");
  }

  private static SendResult<Long> sent(long line) {
    return new SendResult<>("t", 0, line - 1, line, null);
  }

  private static SendResult<Long> failed(long line) {
    WeirException full = new WeirException(ErrorCode.STORAGE_FULL, "the disk is full");
    return new SendResult<>("t", 0, SendResult.UNKNOWN_OFFSET, line, full);
  }
}
