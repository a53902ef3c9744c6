package dev.weir.broker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.core.RSocketConnector;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.metadata.CompositeMetadata;
import io.rsocket.metadata.CompositeMetadataCodec;
import io.rsocket.metadata.TaggingMetadataCodec;
import io.rsocket.metadata.WellKnownMimeType;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.util.DefaultPayload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What any user of rsocket-java would write: nothing of Weir's own libraries. */
public final class PlainClient implements AutoCloseable {
  private static final String RECORD = "application/x.weir.record+json";
  private static final String HEADER = "application/x.weir.v1+protobuf";

  private final RSocket rsocket;

  private PlainClient(RSocket rsocket) {
    this.rsocket = rsocket;
  }

  public static PlainClient connect(int port, String dataMimeType) {
    return connect(TcpClientTransport.create("127.0.0.1", port), dataMimeType);
  }

  static PlainClient connect(TcpClientTransport transport, String dataMimeType) {
    return new PlainClient(dial(transport, dataMimeType).block(Duration.ofSeconds(10)));
  }

  /** A connection for each subscriber. */
  static Mono<RSocket> dial(TcpClientTransport transport, String dataMimeType) {
    return RSocketConnector.create()
        .metadataMimeType(WellKnownMimeType.MESSAGE_RSOCKET_COMPOSITE_METADATA.getString())
        .dataMimeType(dataMimeType)
        .payloadDecoder(PayloadDecoder.DEFAULT)
        .connect(transport);
  }

  public RSocket rsocket() {
    return rsocket;
  }

  /** Data for a route. */
  public static Payload payload(String route, String data) {
    return payload(route, null, null, data.getBytes(StandardCharsets.UTF_8));
  }

  /** Data for a route. */
  public static Payload data(String route, byte[] data) {
    return payload(route, null, null, data);
  }

  /** Data for a route, with a record's metadata. */
  public static Payload record(String route, @Nullable String recordJson, String data) {
    return payload(
        route,
        recordJson == null ? null : RECORD,
        recordJson == null ? null : recordJson.getBytes(StandardCharsets.UTF_8),
        data.getBytes(StandardCharsets.UTF_8));
  }

  /** Data for a route, with a protobuf header. */
  public static Payload headed(String route, byte[] header, byte[] data) {
    return payload(route, HEADER, header, data);
  }

  private static Payload payload(
      String route, @Nullable String mime, byte @Nullable [] entry, byte[] data) {
    CompositeByteBuf metadata = ByteBufAllocator.DEFAULT.compositeBuffer();
    ByteBuf tag =
        TaggingMetadataCodec.createTaggingContent(ByteBufAllocator.DEFAULT, List.of(route));
    CompositeMetadataCodec.encodeAndAddMetadata(
        metadata,
        ByteBufAllocator.DEFAULT,
        WellKnownMimeType.MESSAGE_RSOCKET_ROUTING.getString(),
        tag);
    if (mime != null && entry != null) {
      CompositeMetadataCodec.encodeAndAddMetadata(
          metadata, ByteBufAllocator.DEFAULT, mime, Unpooled.wrappedBuffer(entry));
    }
    byte[] metadataBytes = new byte[metadata.readableBytes()];
    metadata.readBytes(metadataBytes);
    metadata.release();
    return DefaultPayload.create(data, metadataBytes);
  }

  /** The record's metadata of a payload that came, as JSON text. */
  public static String recordJson(Payload payload) {
    return new String(entry(payload, RECORD), StandardCharsets.UTF_8);
  }

  public static byte[] header(Payload payload) {
    return entry(payload, HEADER);
  }

  private static byte[] entry(Payload payload, String mime) {
    for (CompositeMetadata.Entry entry : new CompositeMetadata(payload.metadata(), false)) {
      if (mime.equals(entry.getMimeType())) {
        byte[] bytes = new byte[entry.getContent().readableBytes()];
        entry.getContent().getBytes(entry.getContent().readerIndex(), bytes);
        return bytes;
      }
    }
    throw new AssertionError("no entry " + mime);
  }

  public String ask(String route, String data) {
    return rsocket
        .requestResponse(payload(route, data))
        .map(Payload::getDataUtf8)
        .block(Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    rsocket.dispose();
    rsocket.onClose().onErrorComplete().block(Duration.ofSeconds(10));
  }
}
