package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rsocket.metadata.CompositeMetadata;
import io.rsocket.metadata.CompositeMetadataCodec;
import io.rsocket.metadata.TaggingMetadataCodec;
import io.rsocket.metadata.WellKnownMimeType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetadataCodecTest {
  @Test
  void writesWhatTheLibraryReads() {
    byte[] route = MetadataCodec.routeBytes("topics.a.produce");
    ByteBuffer header = Bytes.of("header");
    ByteBuffer record = Bytes.of("{}");
    ByteBuf out = Unpooled.buffer();
    MetadataCodec.encode(out, route, header, record);
    assertThat(out.readableBytes()).isEqualTo(MetadataCodec.encodedSize(route, header, record));
    List<String> types = new ArrayList<>();
    for (CompositeMetadata.Entry entry : new CompositeMetadata(out, false)) {
      types.add(entry.getMimeType());
    }
    assertThat(types)
        .containsExactly(
            "message/x.rsocket.routing.v0",
            "application/x.weir.v1+protobuf",
            "application/x.weir.record+json");
    MetadataCodec.Entries back = MetadataCodec.decode(out);
    assertThat(back.route()).isEqualTo("topics.a.produce");
    assertThat(back.header()).isEqualTo(header);
    assertThat(back.recordJson()).isEqualTo(record);
    assertThat(back.header().isReadOnly()).isTrue();
  }

  @Test
  void readsWhatTheLibraryWritesAndPassesOverTheRest() {
    UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
    CompositeByteBuf composite = allocator.compositeBuffer();
    CompositeMetadataCodec.encodeAndAddMetadata(
        composite, allocator, "application/x.other", Unpooled.copyInt(7));
    CompositeMetadataCodec.encodeAndAddMetadata(
        composite,
        allocator,
        WellKnownMimeType.MESSAGE_RSOCKET_AUTHENTICATION,
        Unpooled.copyInt(8));
    CompositeMetadataCodec.encodeAndAddMetadata(
        composite,
        allocator,
        WellKnownMimeType.MESSAGE_RSOCKET_ROUTING,
        TaggingMetadataCodec.createTaggingContent(allocator, List.of("fetch", "second tag")));
    MetadataCodec.Entries entries = MetadataCodec.decode(composite);
    assertThat(entries.route()).isEqualTo("fetch");
    assertThat(entries.header()).isNull();
    assertThat(entries.recordJson()).isNull();
    composite.release();
  }

  @Test
  void saysWhereMetadataIsMalformed() {
    assertThatThrownBy(
            () ->
                MetadataCodec.decode(Unpooled.wrappedBuffer(new byte[] {(byte) 0xFE, 0, 0, 9, 1})))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "the composite metadata of 5 bytes is malformed: entry at byte 0, it claims 9 bytes, 1"
                + " are left");
  }

  @Test
  void answersGarbageWithInvalidRequestAndNothingElse() {
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      byte[] garbage = new byte[random.nextInt(40)];
      random.nextBytes(garbage);
      if (garbage.length > 4 && random.nextBoolean()) {
        garbage[0] = (byte) 0xFE;
        garbage[1] = 0;
        garbage[2] = 0;
        garbage[3] = (byte) random.nextInt(garbage.length);
      }
      try {
        MetadataCodec.decode(Unpooled.wrappedBuffer(garbage));
      } catch (WeirException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
      }
    }
  }

  @Test
  void refusesARouteThatFitsNoTag() {
    assertThatThrownBy(() -> MetadataCodec.routeBytes("r".repeat(256)))
        .isInstanceOf(WeirException.class)
        .hasMessage("a route has at most 255 bytes, this one has 256");
  }
}
