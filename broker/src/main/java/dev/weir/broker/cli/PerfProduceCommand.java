package dev.weir.broker.cli;

import dev.weir.client.ProducerRecord;
import dev.weir.client.SendResult;
import dev.weir.client.WeirClient;
import dev.weir.core.time.Time;
import java.util.List;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Flux;

/** {@code weir perf produce}: as many records as the producer takes. */
@Command(
    name = "produce",
    description = "Sends records as fast as they are taken; prints throughput and latency.",
    mixinStandardHelpOptions = true)
final class PerfProduceCommand implements Callable<Integer> {
  @Mixin private ClientOptions client = new ClientOptions();
  @Mixin private SendOptions send = new SendOptions();
  private final Time time = Time.system();

  @Parameters(paramLabel = "TOPIC")
  private String topic = "";

  @Option(names = "--records", paramLabel = "N", required = true)
  private long records;

  @Option(names = "--size", paramLabel = "BYTES", description = "of a value; default: 100")
  private int size = 100;

  @Option(names = "--partition", paramLabel = "P", description = "default: in turns")
  private @Nullable Integer partition;

  @Override
  public Integer call() {
    if (records < 1 || size < 0) {
      throw client.wrongUsage("--records must be at least 1 and --size not negative");
    }
    WeirClient weir = client.open();
    try {
      ClientOptions.describe(weir, topic, partition);
      measure(weir);
      return 0;
    } finally {
      ClientOptions.close(weir);
    }
  }

  private void measure(WeirClient weir) {
    Payloads payloads = new Payloads(size);
    Histogram micros = Figures.histogram();
    int target = partition == null ? ProducerRecord.ANY_PARTITION : partition;
    Flux<ProducerRecord<byte[], byte[], Long>> load =
        Flux.generate(
            () -> 0L,
            (number, sink) -> {
              if (number == records) {
                sink.complete();
                return number;
              }
              sink.next(
                  new ProducerRecord<>(
                      topic,
                      target,
                      ProducerRecord.NOW,
                      null,
                      payloads.get(number),
                      List.of(),
                      time.nanos()));
              return number + 1;
            });
    long start = time.nanos();
    weir.<byte[], byte[]>producer(send.settings(Math.max(size, 1 << 20)))
        .send(load)
        .doOnNext(result -> record(result, micros))
        .blockLast();
    System.out.println(Figures.throughput(records, records * size, time.nanos() - start));
    System.out.println(Figures.latency("latency from taken to acknowledged", micros));
  }

  private void record(SendResult<Long> result, Histogram micros) {
    if (result.error() != null) {
      throw result.error();
    }
    if (result.correlation() != null) {
      Figures.record(micros, time.nanos() - result.correlation());
    }
  }
}
