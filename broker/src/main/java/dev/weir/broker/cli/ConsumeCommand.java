package dev.weir.broker.cli;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerBatch;
import dev.weir.client.ConsumerControl;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupSubscription;
import dev.weir.client.ReceiverRecord;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import dev.weir.core.topic.TopicPartition;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
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
  private static final int BATCH_WINDOW = 16;
  private static final int RECORD_WINDOW = 4096;

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

  @Option(
      names = "--group",
      paramLabel = "G",
      description = {
        "as a member of this consumer group, from its committed offsets (--from: where there are",
        "none); a record is acknowledged when its line has been written"
      })
  private @Nullable String group;

  @Option(names = "--max", paramLabel = "N", description = "end after N records")
  private long max = Long.MAX_VALUE;

  @Option(
      names = "--exit-at-end",
      description = {
        "end at the high watermark as it is at the start; in a group, when every partition that",
        "it has been given is there"
      })
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
    if (group != null && (group.isEmpty() || partition != null)) {
      throw client.wrongUsage(
          group.isEmpty()
              ? "--group needs a name"
              : "--partition and --group exclude each other: a group's coordinator assigns partitions");
    }
    WeirClient weir = client.open();
    try {
      if (group != null) {
        return printGroup(weir, group, ClientOptions.describe(weir, topic, null));
      }
      return print(weir, assignment(ClientOptions.describe(weir, topic, partition)));
    } finally {
      ClientOptions.close(weir);
    }
  }

  private Assignment assignment(TopicDescription found) {
    requireOffsetFits(found);
    Assignment assignment =
        partition == null
            ? Assignment.topic(topic, from)
            : Assignment.partition(topic, partition, from);
    return exitAtEnd ? assignment.toEnd() : assignment;
  }

  private void requireOffsetFits(TopicDescription found) {
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
  }

  private int print(WeirClient weir, Assignment assignment)
      throws IOException, InterruptedException {
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      RecordPrinter printer = new RecordPrinter(format.create(), out, max);
      Printing<ConsumerBatch> printing = new Printing<>(printer, progress(), BATCH_WINDOW);
      OnInterrupt interrupt = new OnInterrupt(printing::interrupt);
      try {
        weir.<byte[], byte[]>consumer(settings())
            .receiveBatches(assignment)
            .subscribe(printing.arrivals());
        printing.run();
      } finally {
        interrupt.disarm();
      }
    }
    return 0;
  }

  private int printGroup(WeirClient weir, String name, TopicDescription found)
      throws IOException, InterruptedException {
    requireOffsetFits(found);
    ConsumerControl control = ConsumerControl.create();
    Map<TopicPartition, Long> ends = exitAtEnd ? ends(found) : null;
    GroupSubscription subscription =
        GroupSubscription.of(name, topic).withFrom(from).controlledBy(control);
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      GroupPrinter printer = new GroupPrinter(format.create(), out, max, control, ends);
      Printing<ReceiverRecord<byte[], byte[]>> printing =
          new Printing<>(printer, progress(), RECORD_WINDOW);
      // Closing commits what was written and leaves the group.
      OnInterrupt interrupt =
          new OnInterrupt(
              () -> {
                printing.interrupt();
                ClientOptions.close(weir);
              });
      try {
        weir.<byte[], byte[]>consumer(settings())
            .receive(subscription)
            .subscribe(printing.arrivals());
        printing.run();
        ClientOptions.close(weir);
      } finally {
        interrupt.disarm();
      }
    }
    return 0;
  }

  private static Map<TopicPartition, Long> ends(TopicDescription found) {
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (TopicDescription.Partition each : found.partitions()) {
      ends.put(new TopicPartition(found.name(), each.partition()), each.highWatermark());
    }
    return ends;
  }

  private static Progress progress() {
    boolean shown = Progress.standardErrorIsTerminal() && !Progress.isTerminal(1);
    return new Progress("printed", shown);
  }

  private static ConsumerSettings<byte[], byte[]> settings() {
    long share = Math.min(MAX_BUFFER_BYTES, Runtime.getRuntime().maxMemory() / 8);
    return ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes())
        .withReadCommitted(true)
        .withBufferBytes((int) share);
  }
}
