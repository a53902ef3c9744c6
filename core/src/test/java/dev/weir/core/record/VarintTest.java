package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.utils.ByteUtils;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

class VarintTest {
  @Property
  void intsAreWrittenAndReadAsKafkaDoes(@ForAll int value) {
    byte[] ours = new byte[Varint.MAX_INT_BYTES];
    int size = Varint.write(ours, 0, value);
    ByteBuffer theirs = ByteBuffer.allocate(Varint.MAX_INT_BYTES);
    ByteUtils.writeVarint(value, theirs);

    assertThat(ByteBuffer.wrap(ours, 0, size)).isEqualTo(theirs.flip());
    assertThat(size).isEqualTo(Varint.sizeOf(value));
    assertThat(Varint.readInt(theirs)).isEqualTo(value);
    assertThat(theirs.hasRemaining()).isFalse();
  }

  @Property
  void longsAreWrittenAndReadAsKafkaDoes(@ForAll long value) {
    byte[] ours = new byte[Varint.MAX_LONG_BYTES];
    int size = Varint.write(ours, 0, value);
    ByteBuffer theirs = ByteBuffer.allocate(Varint.MAX_LONG_BYTES);
    ByteUtils.writeVarlong(value, theirs);

    assertThat(ByteBuffer.wrap(ours, 0, size)).isEqualTo(theirs.flip());
    assertThat(size).isEqualTo(Varint.sizeOf(value));
    assertThat(Varint.readLong(theirs)).isEqualTo(value);
    assertThat(theirs.hasRemaining()).isFalse();
  }

  @Example
  void theWidestValuesFit() {
    assertThat(Varint.sizeOf(Integer.MIN_VALUE)).isEqualTo(5);
    assertThat(Varint.sizeOf(Long.MIN_VALUE)).isEqualTo(10);
    byte[] bytes = new byte[10];
    Varint.write(bytes, 0, Long.MIN_VALUE);
    assertThat(Varint.readLong(ByteBuffer.wrap(bytes))).isEqualTo(Long.MIN_VALUE);
    Varint.write(bytes, 0, Integer.MIN_VALUE);
    assertThat(Varint.readInt(ByteBuffer.wrap(bytes))).isEqualTo(Integer.MIN_VALUE);
  }

  @Example
  void overlongIntsAreCorrupt() {
    assertCorrupt(() -> Varint.readInt(of(0x80, 0x80, 0x80, 0x80, 0x80, 0)));
    assertCorrupt(() -> Varint.readInt(of(0xff, 0xff, 0xff, 0xff, 0x1f)));
  }

  @Example
  void overlongLongsAreCorrupt() {
    assertCorrupt(
        () -> Varint.readLong(of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0)));
    assertCorrupt(
        () -> Varint.readLong(of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2)));
  }

  @Example
  void cutOffVarintsAreCorrupt() {
    assertCorrupt(() -> Varint.readInt(of()));
    assertCorrupt(() -> Varint.readInt(of(0x80)));
    assertCorrupt(() -> Varint.readLong(of(0xff, 0xff)));
  }

  private static void assertCorrupt(ThrowingCallable read) {
    assertThatThrownBy(read)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_BATCH));
  }

  private static ByteBuffer of(int... bytes) {
    ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
    for (int b : bytes) {
      buffer.put((byte) b);
    }
    return buffer.flip();
  }
}
