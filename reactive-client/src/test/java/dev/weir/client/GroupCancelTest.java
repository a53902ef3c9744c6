package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Whatever the way to receive, and wherever it is cancelled: it leaves, and nothing stays open. */
class GroupCancelTest extends GroupFixture {
  /** One way to receive. */
  interface Mode {
    Publisher<?> of(WeirConsumer<String, String> consumer, GroupSubscription group);
  }

  private static final Map<String, Mode> MODES =
      Map.of(
          "receive", WeirConsumer::receive,
          "auto-acknowledge", WeirConsumer::receiveAutoAck,
          "at most once", WeirConsumer::receiveAtMostOnce,
          "batches", (consumer, group) -> consumer.receiveBatches(group, 2, LONG),
          "partitions",
              (consumer, group) -> consumer.receivePartitions(group).flatMap(Function.identity()));

  static Stream<Arguments> modesAndPoints() {
    return MODES.keySet().stream()
        .flatMap(mode -> Stream.of(0, 1, 7).map(taken -> Arguments.of(mode, taken)));
  }

  @ParameterizedTest
  @MethodSource("modesAndPoints")
  void leavesAndLeavesNothingOpen(String mode, int taken) {
    fill("many", 0, 20);
    fill("many", 1, 20);
    Publisher<?> source = MODES.get(mode).of(consumer, group("many"));

    StepVerifier.create(source, taken == 0 ? 1 : taken)
        .expectNextCount(taken)
        .thenCancel()
        .verify(DEADLINE);

    if (!groups.joins().isEmpty()) {
      until(() -> groups.story().contains("left"));
    }
    until(() -> broker.fetches().stream().allMatch(FakeFetch::isOver));
    assertThat(groups.memberCount()).isZero();
    assertThat(broker.groups().isFree("many", 0)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("modesAndPoints")
  void deliversExactlyWhatIsAskedFor(String mode, int asked) {
    fill("many", 0, 20);
    fill("many", 1, 20);
    Publisher<?> source = MODES.get(mode).of(consumer, group("many"));

    StepVerifier.create(source, asked)
        .expectNextCount(asked)
        .then(() -> heartbeats(3))
        .thenRequest(1)
        .expectNextCount(1)
        .thenCancel()
        .verify(DEADLINE);
  }

  @ParameterizedTest
  @MethodSource("modesAndPoints")
  void anErrorDownstreamLeavesToo(String mode, int after) {
    fill("many", 0, 20);
    Publisher<?> source = MODES.get(mode).of(consumer, group("many"));

    StepVerifier.create(
            Flux.from(source)
                .index()
                .doOnNext(
                    element -> {
                      if (element.getT1() == after) {
                        throw new IllegalStateException("downstream");
                      }
                    }))
        .expectNextCount(after)
        .expectErrorMessage("downstream")
        .verify(DEADLINE);

    until(() -> groups.story().contains("left"));
    assertThat(groups.story().stream().filter("joined"::equals).toList())
        .isEqualTo(List.of("joined"));
    until(() -> broker.fetches().stream().allMatch(FakeFetch::isOver));
  }

  /** Time in which nothing may come that was not asked for. */
  private void heartbeats(int count) {
    if (!groups.joins().isEmpty()) {
      int before = groups.heartbeats();
      until(() -> groups.heartbeats() >= before + count);
    }
  }
}
