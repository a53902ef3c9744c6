package dev.weir.client.observation;

import dev.weir.client.ConsumerRecord;
import dev.weir.client.ProducerRecord;
import dev.weir.client.SendResult;
import dev.weir.client.WeirProducer;
import dev.weir.client.observation.RecordObservation.HighCardinality;
import dev.weir.client.observation.RecordObservation.LowCardinality;
import dev.weir.core.record.RecordHeader;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Lets one trace run from whoever sends a record to everyone who processes it. What the registry's
 * handlers propagate (W3C {@code traceparent}, with Micrometer Tracing) travels in the record's
 * headers, which brokers keep as they are; so do chosen entries of the Reactor context.
 *
 * <p>A record costs an observation and its headers' bytes. Producers and consumers that are used
 * without this class pay nothing. Immutable, for any thread; needs {@code micrometer-observation}
 * on the class path.
 */
public final class RecordObservations {
  private static final String SYSTEM = "weir";

  private final ObservationRegistry registry;
  private final Set<String> carried;

  private RecordObservations(ObservationRegistry registry, Set<String> carried) {
    this.registry = registry;
    this.carried = carried;
  }

  /** Observations for the handlers of this registry. */
  public static RecordObservations of(ObservationRegistry registry) {
    return new RecordObservations(registry, Set.of());
  }

  /**
   * The same, with these entries of the Reactor context travelling too: those that are there when
   * {@link #send} is subscribed are written as text into a header of the same name, and {@link
   * #process} finds them in its context again.
   */
  public RecordObservations carrying(String... contextKeys) {
    Set<String> all = new LinkedHashSet<>(carried);
    all.addAll(List.of(contextKeys));
    return new RecordObservations(registry, all);
  }

  /**
   * Sends as {@link WeirProducer#send} does, each record within an observation {@link
   * RecordObservation#SEND} whose parent is the one in the subscriber's context, or else the
   * thread's current one. A record that fails marks its observation; those without a result when
   * the stream ends are stopped then.
   */
  public <K, V, C> Flux<SendResult<C>> send(
      WeirProducer<K, V> producer, Publisher<? extends ProducerRecord<K, V, C>> records) {
    return Flux.deferContextual(
        context -> {
          Observation parent = parentIn(context);
          List<RecordHeader> entries = entriesOf(context);
          Set<Observation> open = ConcurrentHashMap.newKeySet();
          return producer
              .send(Flux.from(records).map(record -> observed(record, parent, entries, open)))
              .map(result -> observed(result, open))
              .doFinally(signal -> open.forEach(observation -> stop(observation, open)));
        });
  }

  /**
   * Runs the processing of one record within an observation {@link RecordObservation#PROCESS} that
   * goes on with the trace in the record's headers. The processing finds the observation, and the
   * carried entries, in its context. Cancelled processing stops the observation without an error.
   */
  public <T> Mono<T> process(ConsumerRecord<?, ?> record, Mono<T> processing) {
    return Mono.deferContextual(
        context -> {
          ReceiverContext<ConsumerRecord<?, ?>> receiver =
              new ReceiverContext<>((from, name) -> headerOf(from, name), Kind.CONSUMER);
          receiver.setCarrier(record);
          receiver.setRemoteServiceName(SYSTEM);
          Observation observation =
              RecordObservation.PROCESS
                  .observation(registry, () -> receiver)
                  .contextualName("process " + record.topic())
                  .lowCardinalityKeyValue(LowCardinality.SYSTEM.withValue(SYSTEM))
                  .lowCardinalityKeyValue(LowCardinality.OPERATION.withValue("process"))
                  .lowCardinalityKeyValue(LowCardinality.TOPIC.withValue(record.topic()))
                  .highCardinalityKeyValue(partition(record.partition()))
                  .highCardinalityKeyValue(offset(record.offset()))
                  .start();
          return processing
              .doOnError(observation::error)
              .doFinally(signal -> observation.stop())
              .contextWrite(outer -> inside(outer, observation, record));
        });
  }

  private <K, V, C> ProducerRecord<K, V, Sent<C>> observed(
      ProducerRecord<K, V, C> record,
      @Nullable Observation parent,
      List<RecordHeader> entries,
      Set<Observation> open) {
    SenderContext<List<RecordHeader>> sender =
        new SenderContext<>(RecordObservations::put, Kind.PRODUCER);
    List<RecordHeader> headers = new ArrayList<>(record.headers());
    entries.forEach(entry -> put(headers, entry));
    sender.setCarrier(headers);
    sender.setRemoteServiceName(SYSTEM);
    Observation observation =
        RecordObservation.SEND
            .observation(registry, () -> sender)
            .parentObservation(parent)
            .contextualName("send " + record.topic())
            .lowCardinalityKeyValue(LowCardinality.SYSTEM.withValue(SYSTEM))
            .lowCardinalityKeyValue(LowCardinality.OPERATION.withValue("send"))
            .lowCardinalityKeyValue(LowCardinality.TOPIC.withValue(record.topic()))
            .start(); // handlers put their headers in
    open.add(observation);
    return new ProducerRecord<>(
        record.topic(),
        record.partition(),
        record.timestamp(),
        record.key(),
        record.value(),
        List.copyOf(headers),
        new Sent<>(record.correlation(), observation));
  }

  private static <C> SendResult<C> observed(SendResult<Sent<C>> result, Set<Observation> open) {
    Sent<C> sent = result.correlation();
    if (sent == null) {
      throw new IllegalStateException("a result without the record it belongs to: " + result);
    }
    Observation observation = sent.observation;
    if (result.partition() >= 0) {
      observation.highCardinalityKeyValue(partition(result.partition()));
    }
    if (result.offset() >= 0) {
      observation.highCardinalityKeyValue(offset(result.offset()));
    }
    if (result.error() != null) {
      observation.error(result.error());
    }
    stop(observation, open);
    return new SendResult<>(
        result.topic(), result.partition(), result.offset(), sent.correlation, result.error());
  }

  /** Once, whoever comes first: its result or the end of the stream. */
  private static void stop(Observation observation, Set<Observation> open) {
    if (open.remove(observation)) {
      observation.stop();
    }
  }

  /** What comes back with a result. */
  private record Sent<C>(@Nullable C correlation, Observation observation) {}

  private @Nullable Observation parentIn(ContextView context) {
    Object inContext = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
    return inContext instanceof Observation parent ? parent : registry.getCurrentObservation();
  }

  private List<RecordHeader> entriesOf(ContextView context) {
    List<RecordHeader> entries = new ArrayList<>();
    for (String key : carried) {
      Object value = context.getOrDefault(key, null);
      if (value != null) {
        entries.add(header(key, value.toString()));
      }
    }
    return entries;
  }

  private Context inside(Context outer, Observation observation, ConsumerRecord<?, ?> record) {
    Context inside = outer.put(ObservationThreadLocalAccessor.KEY, observation);
    for (String key : carried) {
      String value = headerOf(record, key);
      if (value != null) {
        inside = inside.put(key, value);
      }
    }
    return inside;
  }

  /** The last one of the name counts. */
  private static @Nullable String headerOf(@Nullable ConsumerRecord<?, ?> record, String name) {
    String found = null;
    if (record != null) {
      for (RecordHeader header : record.headers()) {
        byte[] value = header.value();
        if (header.key().equals(name) && value != null) {
          found = new String(value, StandardCharsets.UTF_8);
        }
      }
    }
    return found;
  }

  private static void put(@Nullable List<RecordHeader> headers, String name, String value) {
    if (headers != null) {
      put(headers, header(name, value));
    }
  }

  private static void put(List<RecordHeader> headers, RecordHeader header) {
    headers.removeIf(each -> each.key().equals(header.key()));
    headers.add(header);
  }

  private static RecordHeader header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static KeyValue partition(int number) {
    return HighCardinality.PARTITION.withValue(Integer.toString(number));
  }

  private static KeyValue offset(long offset) {
    return HighCardinality.OFFSET.withValue(Long.toString(offset));
  }
}
