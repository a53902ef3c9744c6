package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Readers at the end of a log that is written in small batches: how many frames they get. */
@Timeout(60)
class TailingReadersTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int READERS = 20;

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private LibraryLevel weir;

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    client = broker.connect();
    weir = new LibraryLevel(client);
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  @Test
  void aBatchIsOneFrameForEachReaderThatWaitsForIt() {
    ByteString topic = weir.createTopic("t", 1);
    Flux<List<String>> everybody =
        Flux.range(0, READERS)
            .flatMap(i -> weir.fetch(topic, 0).map(LibraryLevel.Frame::values), READERS);
    StepVerifier.Step<List<String>> steps = StepVerifier.create(everybody).expectSubscription();
    for (String value : List.of("a", "b", "c")) {
      steps =
          steps
              .then(() -> weir.produce(topic, Batches.of(value)))
              .expectNextSequence(
                  IntStream.range(0, READERS).mapToObj(i -> List.of(value)).toList());
    }
    steps.thenCancel().verify(SOON);
  }

  @Test
  void whatCameWhileAReaderDidNotAskIsOneFrame() {
    ByteString topic = weir.createTopic("t", 1);
    List<String> meanwhile = IntStream.range(0, 100).mapToObj(i -> "v" + i).toList();
    StepVerifier.create(weir.fetch(topic, 0).map(LibraryLevel.Frame::values), 1)
        .then(() -> weir.produce(topic, Batches.of("first")))
        .expectNext(List.of("first"))
        .then(() -> meanwhile.forEach(value -> weir.produce(topic, Batches.of(value))))
        .thenRequest(1)
        .assertNext(values -> assertThat(values).isEqualTo(meanwhile))
        .thenCancel()
        .verify(SOON);
  }
}
