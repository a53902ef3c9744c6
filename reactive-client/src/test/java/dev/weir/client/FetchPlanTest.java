package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchPlanTest {
  private static final ConsumerSettings<byte[], byte[]> SETTINGS =
      ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes());

  @Test
  void onePartitionHasTheWholeWindow() {
    FetchPlan plan = FetchPlan.of(SETTINGS, 1);

    assertThat(plan.frameBytes()).isEqualTo(256 << 10);
    assertThat(plan.windowFrames()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 16, 17, 100, 256, 1000, 1024})
  void allPartitionsTogetherKeepTheBound(int partitions) {
    FetchPlan plan = FetchPlan.of(SETTINGS, partitions);

    assertThat((long) plan.frameBytes() * plan.windowFrames() * partitions)
        .isLessThanOrEqualTo(SETTINGS.bufferBytes());
  }

  @Test
  void veryManyPartitionsHaveOneSmallFrameEach() {
    FetchPlan plan = FetchPlan.of(SETTINGS, 100_000);

    assertThat(plan.frameBytes()).isEqualTo(ConsumerSettings.MIN_FRAME_BYTES);
    assertThat(plan.windowFrames()).isEqualTo(1);
  }
}
