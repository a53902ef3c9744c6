package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;

/** What a connection's SETUP says its metadata is. */
enum MetadataFormat {
  COMPOSITE {
    @Override
    MetadataCodec.Entries decode(ByteBuf metadata) {
      return MetadataCodec.decode(metadata);
    }
  },
  /** Only a route goes in, nothing comes out. */
  ROUTING {
    @Override
    MetadataCodec.Entries decode(ByteBuf metadata) {
      return MetadataCodec.decodeRouting(metadata);
    }
  },
  /** A type we do not read: no message has a route. */
  OTHER {
    @Override
    MetadataCodec.Entries decode(ByteBuf metadata) {
      return MetadataCodec.Entries.NONE;
    }
  };

  abstract MetadataCodec.Entries decode(ByteBuf metadata);

  static MetadataFormat ofMimeType(String mimeType) {
    return switch (mimeType) {
      case MetadataCodec.COMPOSITE -> COMPOSITE;
      case MetadataCodec.ROUTING -> ROUTING;
      default -> OTHER;
    };
  }
}
