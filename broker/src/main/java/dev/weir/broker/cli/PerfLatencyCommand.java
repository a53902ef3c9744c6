package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.ProducerRecord;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import dev.weir.core.time.Time;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * {@code weir perf latency}: records at a fixed rate, each measured from the moment it was due to
 * its acknowledgement and to its arrival at a consumer in this process.
 */
@Command(
    name = "latency",
    description = "Sends at a fixed rate; prints latency to acknowledgement and to arrival.",
    mixinStandardHelpOptions = true)
final class PerfLatencyCommand implements Callable<Integer> {
  private static final int NUMBER_DIGITS = 19;
  private static final Duration ARRIVAL_DEADLINE = Duration.ofMinutes(2);

  @Mixin private ClientOptions client = new ClientOptions();
  @Mixin private SendOptions send = new SendOptions();
  private final Time time = Time.system();
  private final Histogram acknowledged = Figures.histogram();
  private final Histogram arrived = Figures.histogram();
  private final Sinks.Empty<Void> allArrived = Sinks.empty();
  private long arrivals;

  @Parameters(paramLabel = "TOPIC")
  private String topic = "";

  @Option(names = "--records", paramLabel = "N", required = true)
  private long records;

  @Option(names = "--size", paramLabel = "BYTES", description = "of a value; default: 100")
  private int size = 100;

  @Option(names = "--rate", paramLabel = "N", description = "records a second; default: 1000")
  private int rate = 1000;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "records sent before and left out of the figures; default: 2000")
  private long warmUp = 2000;

  @Override
  public Integer call() {
    if (records < 1 || rate < 1 || warmUp < 0 || size < NUMBER_DIGITS) {
      throw client.wrongUsage(
          "--records and --rate must be at least 1, --warm-up not negative, --size at least "
              + NUMBER_DIGITS);
    }
    WeirClient weir = client.open();
    try {
      measure(weir, ClientOptions.describe(weir, topic, null));
      return 0;
    } finally {
      ClientOptions.close(weir);
    }
  }

  private void measure(WeirClient weir, TopicDescription found) {
    PacedRecords paced = new PacedRecords(time, warmUp + records, rate);
    PumpedPublisher<Long> numbers = new PumpedPublisher<>(paced);
    Disposable arriving =
        weir.consumer(ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes()))
            .receive(fromEndOf(found))
            .subscribe(record -> onArrival(record, paced), allArrived::tryEmitError);
    Payloads payloads = new Payloads(size);
    Flux<SendResult<Long>> results =
        weir.<byte[], byte[]>producer(send.settings(Math.max(size, 1 << 20)))
            .send(Flux.from(numbers).map(number -> record(number, payloads)))
            .doOnNext(result -> onResult(result, paced));
    numbers.start("weir-perf-load");
    results.then(arrival()).block();
    arriving.dispose();
    System.out.println(
        records + " records of " + size + " bytes at " + rate + " records/s, open loop");
    System.out.println(Figures.latency("due to acknowledged", acknowledged));
    System.out.println(Figures.latency("due to arrived", arrived));
  }

  /** The positions are known before the first record is sent, so none is missed. */
  private static Assignment fromEndOf(TopicDescription topic) {
    Assignment assignment = Assignment.topic(topic.name(), StartingPosition.latest());
    for (TopicDescription.Partition p : topic.partitions()) {
      assignment = assignment.and(p.partition(), StartingPosition.offset(p.highWatermark()));
    }
    return assignment;
  }

  private Mono<Void> arrival() {
    return allArrived.asMono().timeout(ARRIVAL_DEADLINE, Mono.error(this::missing));
  }

  private CommandFailure missing() {
    return new CommandFailure(
        "only " + arrivals + " of " + (warmUp + records) + " records arrived");
  }

  private ProducerRecord<byte[], byte[], Long> record(long number, Payloads payloads) {
    byte[] value = payloads.get(number).clone();
    byte[] digits = String.format(Locale.ROOT, "%019d", number).getBytes(US_ASCII);
    System.arraycopy(digits, 0, value, 0, NUMBER_DIGITS);
    return ProducerRecord.of(topic, null, value, number);
  }

  private void onResult(SendResult<Long> result, PacedRecords paced) {
    if (result.error() != null) {
      throw result.error();
    }
    measured(result.correlation() == null ? 0 : result.correlation(), paced, acknowledged);
  }

  private void onArrival(ConsumerRecord<byte[], byte[]> record, PacedRecords paced) {
    byte[] value = record.value();
    if (value != null && value.length == size) {
      measured(Long.parseLong(new String(value, 0, NUMBER_DIGITS, US_ASCII)), paced, arrived);
    }
    if (++arrivals == warmUp + records) {
      allArrived.tryEmitEmpty();
    }
  }

  private void measured(long number, PacedRecords paced, Histogram histogram) {
    if (number >= warmUp) {
      Figures.record(histogram, time.nanos() - paced.dueNanos(number));
    }
  }
}
