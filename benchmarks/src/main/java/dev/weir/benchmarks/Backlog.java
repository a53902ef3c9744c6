package dev.weir.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import dev.weir.core.protocol.Acks;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.route.Routes;
import dev.weir.core.topic.TopicId;
import dev.weir.transport.rsocket.ClientConnection;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import dev.weir.transport.rsocket.TransportResources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import reactor.core.publisher.Flux;

/**
 * A topic of one partition, full of {@link SampleValues} in batches of about 64 KiB, and the sums
 * by which a subscriber knows that it has had all of it.
 *
 * @param valueBytes of all values together
 * @param batchBytes of all batches together, as they lie in the log
 */
record Backlog(String topic, TopicId id, long records, long valueBytes, long batchBytes) {
  /** What the client library asks for. */
  static final int FRAME_BYTES = 256 << 10;

  private static final int BATCH_BYTES = 64 << 10;

  /** Batches are made once and sent again and again. */
  private static final int DIFFERENT_BATCHES = 256;

  private static final Duration LONGEST_CALL = Duration.ofSeconds(30);
  private static final Duration LONGEST_FILL = Duration.ofMinutes(10);

  private record Batch(ByteBuffer bytes, int records, int valueBytes) {}

  /**
   * Fills the topic, or finds it as an earlier run left it.
   *
   * @throws IOException the topic is there with something else in it
   */
  static Backlog prepare(int port, String topic, long bytes) throws IOException {
    List<Batch> different = batches();
    long records = 0;
    long valueBytes = 0;
    long batchBytes = 0;
    int count = 0;
    while (batchBytes < bytes) {
      Batch batch = different.get(count++ % DIFFERENT_BATCHES);
      records += batch.records;
      valueBytes += batch.valueBytes;
      batchBytes += batch.bytes.remaining();
    }
    WeirClient client = WeirClient.create(ClientSettings.of("127.0.0.1:" + port));
    try {
      boolean there =
          Objects.requireNonNull(client.admin().listTopics().block(LONGEST_CALL)).stream()
              .anyMatch(listed -> listed.name().equals(topic));
      if (!there) {
        // As long as nobody deletes it; in the page cache, as Kafka has it too.
        Map<String, String> config = Map.of("retention.ms", "-1", "durability", "replicated");
        TopicId id =
            client.admin().createTopic(new NewTopic(topic, 1, 1, config)).block(LONGEST_CALL);
        send(port, Objects.requireNonNull(id), different, count);
      }
      TopicDescription found =
          Objects.requireNonNull(client.admin().describeTopic(topic).block(LONGEST_CALL));
      long end = found.partitions().get(0).highWatermark();
      if (end != records) {
        throw new IOException(
            "%s has %d records, not the %d of a backlog of %d bytes; give another directory"
                .formatted(topic, end, records, bytes));
      }
      return new Backlog(topic, found.id(), records, valueBytes, batchBytes);
    } finally {
      client.close().block(LONGEST_CALL);
    }
  }

  /** One who reads records. */
  WeirSubscriber ofRecords(WeirSubscriber.Kind kind) {
    byte[] options = "{\"from\":\"earliest\"}".getBytes(StandardCharsets.UTF_8);
    return new WeirSubscriber(
        kind, Routes.TOPICS_PREFIX + topic + Routes.TOPIC_SUBSCRIBE_SUFFIX, options, valueBytes);
  }

  /** One who reads whole batches, in frames of the size the client library asks for. */
  WeirSubscriber ofBatches(WeirSubscriber.Kind kind) {
    return ofBatches(kind, FRAME_BYTES);
  }

  /** One who reads whole batches in frames of at most this size. */
  WeirSubscriber ofBatches(WeirSubscriber.Kind kind, int frameBytes) {
    byte[] request =
        FetchRequest.newBuilder()
            .setTopicId(ByteString.copyFrom(id.toBytes()))
            .setLeaderEpoch(-1)
            .setMaxFrameBytes(frameBytes)
            .build()
            .toByteArray();
    return new WeirSubscriber(kind, Routes.FETCH, request, batchBytes);
  }

  private static List<Batch> batches() {
    List<Batch> batches = new ArrayList<>();
    SampleValues values = new SampleValues();
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, BATCH_BYTES);
    long now = System.currentTimeMillis();
    byte[] value = values.next();
    while (batches.size() < DIFFERENT_BATCHES) {
      int bytes = 0;
      while (builder.append(now, null, value, List.of())) {
        bytes += value.length;
        value = values.next();
      }
      int records = builder.recordCount();
      ByteBuffer built = builder.build();
      batches.add(
          new Batch(ByteBuffer.allocate(built.remaining()).put(built).flip(), records, bytes));
      builder.clear();
    }
    return batches;
  }

  private static void send(int port, TopicId id, List<Batch> different, int count) {
    TransportResources resources = TransportResources.forClient(1);
    try {
      ClientConnection connection =
          Objects.requireNonNull(
              ClientConnection.connect(
                      resources,
                      "127.0.0.1",
                      port,
                      dev.weir.transport.rsocket.ClientSettings.defaults())
                  .block(LONGEST_CALL));
      Flux<OutboundMessage> batches =
          Flux.range(0, count)
              .map(
                  number ->
                      OutboundMessage.of(
                          header(id, number), different.get(number % DIFFERENT_BATCHES).bytes));
      connection
          .requestChannel(Routes.PRODUCE, batches)
          .doOnNext(Backlog::requireStored)
          .take(count)
          .blockLast(LONGEST_FILL);
      connection.dispose();
    } finally {
      resources.close().block(LONGEST_CALL);
    }
  }

  private static ByteBuffer header(TopicId id, int number) {
    return ByteBuffer.wrap(
        ProduceHeader.newBuilder()
            .setCorrelationId(number)
            .setTopicId(ByteString.copyFrom(id.toBytes()))
            .setAcks(Acks.ACKS_ALL)
            .build()
            .toByteArray());
  }

  private static void requireStored(InboundMessage answer) {
    try (answer) {
      ProduceResult result = ProduceResult.parseFrom(Objects.requireNonNull(answer.header()));
      if (result.getError() != 0) {
        throw new IllegalStateException("the backlog is refused: " + result.getErrorMessage());
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an answer cannot be read", e);
    }
  }
}
