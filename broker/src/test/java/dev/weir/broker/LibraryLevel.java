package dev.weir.broker;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.core.protocol.Acks;
import dev.weir.core.protocol.CreateTopicRequest;
import dev.weir.core.protocol.CreateTopicResponse;
import dev.weir.core.protocol.FetchHeader;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.core.protocol.ProduceResult;
import io.rsocket.Payload;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;

/** The library-level routes, spoken by hand. */
public final class LibraryLevel {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final PlainClient client;

  public LibraryLevel(PlainClient client) {
    this.client = client;
  }

  /** What a frame of a fetch carries. */
  record Frame(FetchHeader header, List<String> values) {}

  public ByteString createTopic(String name, int partitions, String... config) {
    CreateTopicRequest.Builder request =
        CreateTopicRequest.newBuilder().setName(name).setPartitions(partitions);
    for (int i = 0; i < config.length; i += 2) {
      request.putConfig(config[i], config[i + 1]);
    }
    return ask("admin.topics.create", request.build(), CreateTopicResponse.parser()).getTopicId();
  }

  public <T> T ask(String route, MessageLite request, Parser<T> answer) {
    return client
        .rsocket()
        .requestResponse(PlainClient.data(route, request.toByteArray()))
        .map(payload -> parse(answer, payload))
        .block(SOON);
  }

  static Payload batch(ByteString topic, int partition, long correlationId, byte[] batch) {
    return PlainClient.headed(
        "produce",
        ProduceHeader.newBuilder()
            .setTopicId(topic)
            .setPartition(partition)
            .setCorrelationId(correlationId)
            .setAcks(Acks.ACKS_ALL)
            .build()
            .toByteArray(),
        batch);
  }

  ProduceResult produce(ByteString topic, byte[] batch) {
    return client
        .rsocket()
        .requestResponse(batch(topic, 0, 1, batch))
        .map(LibraryLevel::result)
        .block(SOON);
  }

  Flux<ProduceResult> produceAll(Flux<Payload> batches) {
    return client.rsocket().requestChannel(batches).map(LibraryLevel::result);
  }

  Flux<Frame> fetch(FetchRequest request) {
    return client
        .rsocket()
        .requestStream(PlainClient.data("fetch", request.toByteArray()))
        .map(
            payload ->
                new Frame(
                    parse(FetchHeader.parser(), PlainClient.header(payload)),
                    Batches.values(payload.getData())));
  }

  Flux<Frame> fetch(ByteString topic, long offset) {
    return fetch(
        FetchRequest.newBuilder().setTopicId(topic).setOffset(offset).setLeaderEpoch(-1).build());
  }

  private static ProduceResult result(Payload payload) {
    return parse(ProduceResult.parser(), PlainClient.header(payload));
  }

  static <T> T parse(Parser<T> parser, Payload payload) {
    byte[] bytes = new byte[payload.getData().remaining()];
    payload.getData().get(bytes);
    return parse(parser, bytes);
  }

  private static <T> T parse(Parser<T> parser, byte[] bytes) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
