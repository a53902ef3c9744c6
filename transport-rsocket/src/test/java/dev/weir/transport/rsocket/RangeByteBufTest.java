package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.transport.rsocket.CountedRanges.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import io.rsocket.frame.PayloadFrameCodec;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class RangeByteBufTest {
  @TempDir private Path dir;
  private CountedRanges ranges;
  private RangeByteBuf buffer;

  @BeforeEach
  void open() throws Exception {
    ranges = new CountedRanges(dir, 5000);
    buffer = new RangeByteBuf(ranges.range(Kind.HOT, 0, 5000));
  }

  @AfterEach
  void close() throws Exception {
    assertThat(ranges.open()).isZero();
    assertThat(ranges.releasedTwice).hasValue(0);
    ranges.close();
  }

  @Test
  void passesTheFrameCodecAsTheLastPart() {
    ByteBuf frame =
        PayloadFrameCodec.encode(
            PooledByteBufAllocator.DEFAULT,
            1,
            false,
            false,
            true,
            Unpooled.copyInt(1),
            buffer.retainedSlice());
    buffer.release();
    assertThat(frame.readableBytes()).isEqualTo(6 + 3 + 4 + 5000);
    CompositeByteBuf composite = (CompositeByteBuf) frame;
    assertThat(composite.internalComponent(composite.numComponents() - 1)).isSameAs(buffer);
    assertThat(ranges.open()).isEqualTo(1);
    frame.release();
  }

  @Test
  void throwsWhenItsBytesAreTouched() {
    assertThatThrownBy(() -> buffer.getByte(0)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> buffer.readLong()).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> buffer.nioBuffer()).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> buffer.copy()).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> buffer.slice(1, 2)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Unpooled.buffer().writeBytes(buffer.slice()))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(buffer).hasToString("RangeByteBuf(position=0, length=5000)");
    buffer.release();
  }

  @Test
  void releasesTheRangeWithItsLastReference() {
    buffer.retain();
    buffer.release();
    assertThat(ranges.open()).isEqualTo(1);
    buffer.release();
    assertThat(ranges.open()).isZero();
    assertThatThrownBy(() -> buffer.release()).isInstanceOf(IllegalReferenceCountException.class);
  }
}
