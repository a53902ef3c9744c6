package dev.weir.storage.disk;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A channel that takes a part of what it is given is given the rest. */
class ShortWritesTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 100})
  void everyByteIsWrittenOnceAndInOrder(int most) throws IOException {
    ShortWritingChannel channel = new ShortWritingChannel(most, Long.MAX_VALUE);
    assertThat(ChannelLogFile.writeFully(channel, bytes("one"))).isEqualTo(3);
    assertThat(ChannelLogFile.writeFully(channel, bytes("two"), bytes(""), bytes("three and")))
        .isEqualTo(12);
    assertThat(ChannelLogFile.writeFully(channel)).isZero();
    assertThat(channel.written()).isEqualTo("onetwothree and");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aWriteThatFailsInTheMiddleFails(int most) {
    ShortWritingChannel channel = new ShortWritingChannel(most, 5);
    assertThatThrownBy(() -> ChannelLogFile.writeFully(channel, bytes("abc"), bytes("defg")))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");
    assertThat(channel.written()).isEqualTo("abcde");
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }
}
