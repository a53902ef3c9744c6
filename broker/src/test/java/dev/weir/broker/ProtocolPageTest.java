package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.Acks;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.core.route.Routes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rsocket.Payload;
import io.rsocket.metadata.CompositeMetadataCodec;
import io.rsocket.metadata.TaggingMetadataCodec;
import io.rsocket.metadata.WellKnownMimeType;
import io.rsocket.util.DefaultPayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** docs/protocol.md says what rsocket-java sends and what the broker answers. */
class ProtocolPageTest {
  private static final Path PAGE = Path.of("../docs/protocol.md");
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final UnpooledByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);

  @TempDir private Path dataDir;
  private String page;

  @BeforeEach
  void read() throws IOException {
    page = Files.readString(PAGE);
  }

  /** The code block of that kind and name. */
  private String block(String kind, String name) {
    Matcher block =
        Pattern.compile(
                "^```%s %s\n(.*?)^```$".formatted(kind, name), Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(page);
    assertThat(block.find()).describedAs("block %s", name).isTrue();
    return block.group(1).strip();
  }

  private byte[] bytes(String name) {
    String digits =
        block("hex", name)
            .lines()
            .map(line -> line.replaceFirst("#.*", "").replace(" ", ""))
            .reduce("", String::concat);
    return HexFormat.of().parseHex(digits);
  }

  @Test
  void theBytesAreThoseOfAnotherImplementation() {
    assertThat(bytes("route"))
        .isEqualTo(
            entry(
                WellKnownMimeType.MESSAGE_RSOCKET_ROUTING.getString(),
                tag("topics.readings.subscribe")));
    assertThat(bytes("record"))
        .isEqualTo(
            entry(
                Routes.MIME_RECORD,
                "{\"key\":\"boiler\",\"headers\":[[\"unit\",\"C\"]]}"
                    .getBytes(StandardCharsets.UTF_8)));
    byte[] id = new byte[16];
    IntStream.range(0, id.length).forEach(i -> id[i] = (byte) i);
    assertThat(bytes("header"))
        .isEqualTo(
            entry(
                Routes.MIME_HEADER,
                ProduceHeader.newBuilder()
                    .setCorrelationId(7)
                    .setTopicId(ByteString.copyFrom(id))
                    .setPartition(2)
                    .setAcks(Acks.ACKS_ALL)
                    .build()
                    .toByteArray()));
  }

  @Test
  void theRequestsAreAnsweredAsShown() {
    try (RunningBroker broker = RunningBroker.in(dataDir);
        PlainClient client = broker.connectJson()) {
      assertThat(client.ask(Routes.ADMIN_TOPICS_CREATE, block("json", "create")))
          .contains("\"topicId\":\"");
      byte[] route =
          entry(
              WellKnownMimeType.MESSAGE_RSOCKET_ROUTING.getString(),
              tag("topics.readings.produce"));
      Payload produced =
          client
              .rsocket()
              .requestResponse(
                  DefaultPayload.create(
                      "21.5".getBytes(StandardCharsets.UTF_8), concat(route, bytes("record"))))
              .block(SOON);
      assertThat(Objects.requireNonNull(produced).getDataUtf8())
          .isEqualTo(block("json", "produced"));
      Payload delivered =
          client
              .rsocket()
              .requestStream(
                  DefaultPayload.create(
                      block("json", "subscribe").getBytes(StandardCharsets.UTF_8), bytes("route")))
              .blockFirst(SOON);
      assertThat(Objects.requireNonNull(delivered).getDataUtf8()).isEqualTo("21.5");
      assertThat(
              PlainClient.recordJson(delivered)
                  .replaceFirst("\"timestamp\":[0-9]+", "\"timestamp\":…"))
          .isEqualTo(block("json", "delivered"));
    }
  }

  @Test
  void aSubscriberThatConflatesIsAnsweredAsShown() throws InterruptedException {
    BlockingQueue<String> entries = new LinkedBlockingQueue<>();
    try (RunningBroker broker = RunningBroker.in(dataDir);
        PlainClient client = broker.connectJson()) {
      client.ask(Routes.ADMIN_TOPICS_CREATE, block("json", "create"));
      BaseSubscriber<Payload> subscriber =
          new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
              subscription.request(1);
            }

            @Override
            protected void hookOnNext(Payload payload) {
              entries.add(PlainClient.recordJson(payload));
            }
          };
      client
          .rsocket()
          .requestStream(
              PlainClient.payload("topics.readings.subscribe", block("json", "conflate")))
          .subscribe(subscriber);
      await()
          .atMost(SOON)
          .until(() -> subscriptions(client), is -> is.contains("lag") && !is.contains("\"-1\""));
      produceReading(client);
      assertThat(entries.poll(10, TimeUnit.SECONDS)).contains("\"offset\":0,");
      IntStream.range(0, 3).forEach(i -> produceReading(client));
      await()
          .atMost(SOON)
          .until(() -> subscriptions(client), is -> is.contains("\"nextOffset\":\"3\""));
      subscriber.request(1);
      assertThat(Objects.requireNonNull(entries.poll(10, TimeUnit.SECONDS)))
          .satisfies(
              entry ->
                  assertThat(entry.replaceFirst("\"timestamp\":[0-9]+", "\"timestamp\":…"))
                      .isEqualTo(block("json", "conflated")));
    }
  }

  private static String subscriptions(PlainClient client) {
    return client.ask(Routes.ADMIN_SUBSCRIPTIONS_LIST, "{}");
  }

  private static void produceReading(PlainClient client) {
    client
        .rsocket()
        .requestResponse(
            PlainClient.record("topics.readings.produce", "{\"key\":\"boiler\"}", "21.5"))
        .block(SOON);
  }

  @Test
  void everyRouteIsThere() throws IllegalAccessException {
    for (var field : Routes.class.getFields()) {
      String value = (String) field.get(null);
      if (!field.getName().startsWith("MIME_") && !field.getName().startsWith("TOPIC")) {
        assertThat(page).contains("\n| `" + value + "` |");
      }
    }
    for (String suffix : List.of(Routes.TOPIC_PRODUCE_SUFFIX, Routes.TOPIC_SUBSCRIBE_SUFFIX)) {
      assertThat(page).contains("\n| `" + Routes.TOPICS_PREFIX + "{topic}" + suffix + "` |");
    }
  }

  @Test
  void theErrorsAreThoseOfTheCode() {
    List<String> rows = page.lines().filter(line -> line.startsWith("| 0x")).toList();
    assertThat(rows)
        .containsExactlyElementsOf(
            Arrays.stream(ErrorCode.values()).map(ProtocolPageTest::row).toList());
  }

  private static String row(ErrorCode code) {
    return "| 0x%04x | %s | %s | %s | %s |"
        .formatted(
            ErrorCode.WIRE_BASE + code.number(),
            code,
            code.retriable() ? "yes" : "",
            code.refreshMetadata() ? "yes" : "",
            code.mayHaveBeenApplied() ? "yes" : "");
  }

  private static byte[] tag(String route) {
    return taken(TaggingMetadataCodec.createTaggingContent(HEAP, List.of(route)));
  }

  private static byte[] entry(String mime, byte[] content) {
    var metadata = HEAP.compositeBuffer();
    CompositeMetadataCodec.encodeAndAddMetadataWithCompression(
        metadata, HEAP, mime, Unpooled.wrappedBuffer(content));
    return taken(metadata);
  }

  private static byte[] taken(ByteBuf buffer) {
    try {
      return ByteBufUtil.getBytes(buffer);
    } finally {
      buffer.release();
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
