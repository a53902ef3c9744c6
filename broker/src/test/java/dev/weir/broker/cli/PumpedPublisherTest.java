package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class PumpedPublisherTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private Thread pump;

  @AfterEach
  void pumpEnds() throws InterruptedException {
    pump.join(DEADLINE.toMillis());
    assertThat(pump.isAlive()).isFalse();
  }

  @Test
  void emitsExactlyWhatWasRequested() {
    PumpedPublisher<byte[]> lines = pumping(LineReaderTest.trickle("a\nb\nc\nd", 3));
    StepVerifier.create(text(lines), 0)
        .expectSubscription()
        .thenRequest(2)
        .expectNext("a", "b")
        .expectNoEvent(Duration.ofMillis(50))
        .thenRequest(1)
        .expectNext("c")
        .thenRequest(5)
        .expectNext("d")
        .expectComplete()
        .verify(DEADLINE);
    assertThat(lines.failure()).isNull();
  }

  @Test
  void takesEverythingThatIsThereBeforeItReadsMore() throws InterruptedException {
    AtomicInteger reads = new AtomicInteger();
    Source<Integer> source =
        new Source<>() {
          private int left;

          @Override
          public Integer poll() {
            return left > 0 ? left-- : null;
          }

          @Override
          public boolean fill() {
            assertThat(left).isZero();
            left = 100;
            return reads.incrementAndGet() < 50;
          }
        };
    PumpedPublisher<Integer> numbers = new PumpedPublisher<>(source);
    pump = new Thread(numbers::pump, "weir-numbers");
    pump.start();
    // The demand is topped up while elements are emitted, as a producer does.
    StepVerifier.create(Flux.from(numbers).limitRate(7)).expectNextCount(4_900).verifyComplete();
  }

  @Test
  void completesBeforeALineOverTheLimitAndTellsWhy() {
    PumpedPublisher<byte[]> lines =
        pumping(LineReaderTest.trickle("a\nb\n" + "x".repeat(50) + "\nc\n", 3));
    StepVerifier.create(text(lines)).expectNext("a", "b").expectComplete().verify(DEADLINE);
    assertThat(lines.failure()).hasMessageContaining("line 3 has 50 bytes");
  }

  @Test
  void completesAndTellsWhyWhenTheInputFails() {
    PumpedPublisher<byte[]> lines =
        pumping(
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("cable cut");
              }

              @Override
              public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("cable cut");
              }
            });
    StepVerifier.create(text(lines)).expectComplete().verify(DEADLINE);
    assertThat(lines.failure()).hasMessage("cable cut");
  }

  @Test
  void stopCompletesWhileTheInputBlocks() throws IOException {
    try (PipedOutputStream writer = new PipedOutputStream()) {
      PipedInputStream in = new PipedInputStream(writer);
      writer.write("a\n".getBytes(ISO_8859_1));
      PumpedPublisher<byte[]> lines = pumping(in);
      StepVerifier.create(text(lines))
          .expectNext("a")
          .then(lines::stop)
          .expectComplete()
          .verify(DEADLINE);
    }
  }

  @Test
  void cancelEndsThePump() {
    PumpedPublisher<byte[]> lines = pumping(LineReaderTest.trickle("a\nb\nc\n", 3));
    StepVerifier.create(text(lines), 1).expectNext("a").thenCancel().verify(DEADLINE);
  }

  private PumpedPublisher<byte[]> pumping(InputStream in) {
    PumpedPublisher<byte[]> lines = new PumpedPublisher<>(new LineReader(in, 40));
    pump = new Thread(lines::pump, "weir-lines");
    pump.setDaemon(true);
    pump.start();
    return lines;
  }

  private static Flux<String> text(PumpedPublisher<byte[]> lines) {
    return Flux.from(lines).map(line -> new String(line, ISO_8859_1));
  }
}
