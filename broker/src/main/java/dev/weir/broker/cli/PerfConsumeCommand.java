package dev.weir.broker.cli;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import dev.weir.core.time.Time;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir perf consume}: records one by one through the client, as an application reads. */
@Command(
    name = "consume",
    description = "Reads records from the earliest on; prints throughput.",
    mixinStandardHelpOptions = true)
final class PerfConsumeCommand implements Callable<Integer> {
  @Mixin private ClientOptions client = new ClientOptions();
  private final Time time = Time.system();
  private long count;
  private long bytes;
  private long firstNanos;

  @Parameters(paramLabel = "TOPIC")
  private String topic = "";

  @Option(names = "--records", paramLabel = "N", required = true)
  private long records;

  @Option(names = "--partition", paramLabel = "P", description = "default: all")
  private @Nullable Integer partition;

  @Override
  public Integer call() {
    if (records < 1) {
      throw client.wrongUsage("--records must be at least 1");
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
    StartingPosition from = StartingPosition.earliest();
    Assignment assignment =
        partition == null
            ? Assignment.topic(topic, from)
            : Assignment.partition(topic, partition, from);
    long start = time.nanos();
    weir.consumer(ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes()))
        .receive(assignment.toEnd())
        .take(records)
        .doOnNext(this::count)
        .blockLast();
    long nanos = time.nanos() - start;
    if (count < records) {
      throw new CommandFailure(
          "topic '" + topic + "' has only " + count + " records, not " + records);
    }
    System.out.println(Figures.throughput(count, bytes, nanos));
    System.out.println(
        String.format(Locale.ROOT, "first record: %.3f ms", (firstNanos - start) / 1e6));
  }

  private void count(ConsumerRecord<byte[], byte[]> record) {
    if (count++ == 0) {
      firstNanos = time.nanos();
    }
    bytes += record.value() == null ? 0 : record.value().length;
  }
}
