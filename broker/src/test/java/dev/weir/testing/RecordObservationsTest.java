package dev.weir.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirProducer;
import dev.weir.client.observation.RecordObservations;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One trace through a producer, a broker and the processing of each record. */
@ExtendWith(WeirBrokerExtension.class)
class RecordObservationsTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final SdkTracerProvider provider =
      SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build();
  private final ObservationRegistry registry = tracing();
  private final RecordObservations observations = RecordObservations.of(registry);

  @AfterEach
  void endTracing() {
    provider.close();
  }

  @Test
  void theTraceOfTheSenderGoesOnWhereTheRecordIsProcessed(WeirTestBroker broker) {
    broker.createTopics("traced");
    Observation request = Observation.start("request", registry);

    List<SendResult<String>> results =
        observations
            .send(
                producer(broker.client()),
                Flux.just(
                    ProducerRecord.of("traced", "k", "one", "first"),
                    ProducerRecord.of("traced", "k", "two", "second")))
            .contextWrite(context -> context.put(ObservationThreadLocalAccessor.KEY, request))
            .collectList()
            .block(SOON);
    request.stop();
    List<String> inProcessing =
        receive(broker.client(), "traced")
            .concatMap(record -> observations.process(record, currentTrace()))
            .collectList()
            .block(SOON);

    assertThat(results).extracting(SendResult::correlation).containsExactly("first", "second");
    SpanData root = named("request").get(0);
    List<SpanData> sent = named("send traced");
    List<SpanData> processed = named("process traced");
    assertThat(sent)
        .hasSize(2)
        .allSatisfy(
            span -> {
              assertThat(span.getTraceId()).isEqualTo(root.getTraceId());
              assertThat(span.getParentSpanId()).isEqualTo(root.getSpanId());
              assertThat(span.getKind()).isEqualTo(SpanKind.PRODUCER);
              assertThat(attribute(span, "messaging.destination.name")).isEqualTo("traced");
            });
    assertThat(sent)
        .extracting(span -> attribute(span, "messaging.weir.offset"))
        .contains("0", "1");
    assertThat(processed).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(processed.get(i).getTraceId()).isEqualTo(root.getTraceId());
      assertThat(processed.get(i).getParentSpanId()).isEqualTo(sent.get(i).getSpanId());
      assertThat(processed.get(i).getKind()).isEqualTo(SpanKind.CONSUMER);
    }
    assertThat(inProcessing).containsExactly(root.getTraceId(), root.getTraceId());
  }

  @Test
  void entriesOfTheReactorContextTravel(WeirTestBroker broker) {
    broker.createTopics("carried");
    RecordObservations carrying = observations.carrying("tenant", "absent");

    carrying
        .send(producer(broker.client()), Flux.just(ProducerRecord.of("carried", "k", "one", "")))
        .contextWrite(context -> context.put("tenant", "weavers"))
        .blockLast(SOON);
    List<String> seen =
        receive(broker.client(), "carried")
            .concatMap(
                record ->
                    carrying.process(
                        record,
                        Mono.deferContextual(
                            context ->
                                Mono.just(context.get("tenant") + " " + context.hasKey("absent")))))
            .collectList()
            .block(SOON);

    assertThat(seen).containsExactly("weavers false");
  }

  @Test
  void whatFailsIsMarked(WeirTestBroker broker) {
    broker.createTopics("failing");
    observations
        .send(
            producer(broker.client()),
            Flux.just(
                ProducerRecord.of("failing", "k", "stored", "a"),
                ProducerRecord.<String, String, String>of("failing", "k", "lost", "b")
                    .withPartition(7)))
        .blockLast(SOON);
    receive(broker.client(), "failing")
        .concatMap(
            record ->
                observations
                    .process(record, Mono.error(new IllegalStateException("no space")))
                    .onErrorComplete())
        .blockLast(SOON);

    assertThat(named("send failing"))
        .extracting(span -> span.getStatus().getStatusCode())
        .containsExactlyInAnyOrder(StatusCode.OK, StatusCode.ERROR);
    assertThat(named("process failing"))
        .extracting(span -> span.getStatus().getStatusCode())
        .containsExactly(StatusCode.ERROR);
  }

  @Test
  void aCancelledSendLeavesNoObservationOpen(WeirTestBroker broker) {
    broker.createTopics("cancelled");
    Flux<ProducerRecord<String, String, String>> one =
        Flux.just(ProducerRecord.of("cancelled", "k", "one", ""));

    observations
        .send(producer(broker.client()), Flux.concat(one, Flux.never()))
        .blockFirst(SOON); // cancels
    assertThat(named("send cancelled")).hasSize(1);
  }

  private static Mono<String> currentTrace() {
    return Mono.deferContextual(
        context -> {
          Observation current = context.get(ObservationThreadLocalAccessor.KEY);
          TracingContext tracing = current.getContextView().get(TracingContext.class);
          return Mono.just(tracing.getSpan().context().traceId());
        });
  }

  private List<SpanData> named(String name) {
    return spans.getFinishedSpanItems().stream()
        .filter(span -> span.getName().equals(name))
        .toList();
  }

  private static String attribute(SpanData span, String key) {
    return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(key)));
  }

  private static WeirProducer<String, String> producer(WeirClient client) {
    return client.producer(ProducerSettings.of(Serializers.string(), Serializers.string()));
  }

  private static Flux<ConsumerRecord<String, String>> receive(WeirClient client, String topic) {
    return client
        .<String, String>consumer(
            ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
        .receive(Assignment.topic(topic, StartingPosition.earliest()).toEnd());
  }

  private ObservationRegistry tracing() {
    Tracer otel = provider.get("test");
    OtelTracer tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
    OtelPropagator propagator =
        new OtelPropagator(
            ContextPropagators.create(W3CTraceContextPropagator.getInstance()), otel);
    ObservationRegistry traced = ObservationRegistry.create();
    traced
        .observationConfig()
        .observationHandler(
            new io.micrometer.observation.ObservationHandler
                .FirstMatchingCompositeObservationHandler(
                new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
                new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
                new DefaultTracingObservationHandler(tracer)));
    return traced;
  }
}
