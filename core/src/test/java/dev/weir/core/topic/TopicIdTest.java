package dev.weir.core.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class TopicIdTest {
  @Property
  void bytesAndTextGiveTheSameIdBack(@ForAll long most, @ForAll long least) {
    TopicId id = TopicId.of(new UUID(most, least));

    assertThat(TopicId.of(ByteBuffer.wrap(id.toBytes()).asReadOnlyBuffer())).isEqualTo(id);
    assertThat(TopicId.parse(id.toString())).isEqualTo(id);
  }

  @Example
  void readingDoesNotMoveTheBuffer() {
    ByteBuffer bytes = ByteBuffer.allocate(20).position(4);
    TopicId.of(bytes);
    assertThat(bytes.position()).isEqualTo(4);
  }

  @Example
  void anotherNumberOfBytesIsRefused() {
    assertThatThrownBy(() -> TopicId.of(ByteBuffer.allocate(15)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("15");
  }

  @Example
  void aPartitionIsCalledLikeItsDirectory() {
    assertThat(new TopicPartition("orders", 3)).hasToString("orders-3");
    assertThatThrownBy(() -> new TopicPartition("orders", -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
