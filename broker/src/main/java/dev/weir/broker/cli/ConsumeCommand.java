package dev.weir.broker.cli;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir consume}: prints records as they arrive. */
@Command(
    name = "consume",
    description = "Prints records, in order within each partition, until interrupted.",
    mixinStandardHelpOptions = true)
final class ConsumeCommand implements Callable<Integer> {
  private static final int MAX_BUFFER_BYTES = 16 << 20;

  @Mixin private ClientOptions client = new ClientOptions();

  @Parameters(paramLabel = "TOPIC")
  private String topic = "";

  @Option(
      names = "--from",
      paramLabel = "latest|earliest|offset:N|time:ISO-8601",
      description = "default: latest",
      converter = FromPosition.class)
  private StartingPosition from = StartingPosition.latest();

  @Option(names = "--partition", paramLabel = "P", description = "default: all")
  private @Nullable Integer partition;

  @Option(names = "--max", paramLabel = "N", description = "end after N records")
  private long max = Long.MAX_VALUE;

  @Option(names = "--exit-at-end", description = "end at the high watermark as it is at the start")
  private boolean exitAtEnd;

  @Option(
      names = "--format",
      paramLabel = "value|key-value|json",
      description = "default: value",
      converter = RecordFormat.NameChoice.class)
  private RecordFormat.Name format = RecordFormat.Name.VALUE;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (max < 0) {
      throw client.wrongUsage("--max must not be negative: " + max);
    }
    WeirClient weir = client.open();
    try {
      return print(weir, assignment(ClientOptions.describe(weir, topic, partition)));
    } finally {
      ClientOptions.close(weir);
    }
  }

  private Assignment assignment(TopicDescription found) {
    if (from instanceof StartingPosition.AtOffset && partition == null) {
      if (found.partitions().size() > 1) {
        throw client.wrongUsage(
            "--from offset:N needs --partition: topic '"
                + topic
                + "' has "
                + found.partitions().size()
                + " partitions");
      }
    }
    Assignment assignment =
        partition == null
            ? Assignment.topic(topic, from)
            : Assignment.partition(topic, partition, from);
    return exitAtEnd ? assignment.toEnd() : assignment;
  }

  private int print(WeirClient weir, Assignment assignment)
      throws IOException, InterruptedException {
    long share = Math.min(MAX_BUFFER_BYTES, Runtime.getRuntime().maxMemory() / 8);
    ConsumerSettings<byte[], byte[]> settings =
        ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes())
            .withReadCommitted(true)
            .withBufferBytes((int) share);
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      RecordPrinter printer = new RecordPrinter(format.create(), out, max);
      boolean progress = Progress.standardErrorIsTerminal() && !Progress.isTerminal(1);
      Printing printing = new Printing(printer, new Progress("printed", progress));
      OnInterrupt interrupt = new OnInterrupt(printing::interrupt);
      try {
        weir.<byte[], byte[]>consumer(settings)
            .receiveBatches(assignment)
            .subscribe(printing.batches());
        printing.run();
      } finally {
        interrupt.disarm();
      }
    }
    return 0;
  }
}
