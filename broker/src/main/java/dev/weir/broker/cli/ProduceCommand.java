package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.client.ProducerRecord;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Flux;

/** {@code weir produce}: every line becomes a record. */
@Command(
    name = "produce",
    description = "Sends every line of the input as one record; bytes stay as they are.",
    mixinStandardHelpOptions = true)
final class ProduceCommand implements Callable<Integer> {
  private static final String RECORD_LIMIT = "max.record.bytes";
  private static final int DEFAULT_RECORD_LIMIT = 1 << 20;

  @Mixin private ClientOptions client = new ClientOptions();
  @Mixin private SendOptions send = new SendOptions();

  @Parameters(paramLabel = "TOPIC")
  private String topic = "";

  @Option(names = "--file", paramLabel = "F", description = "default: standard input")
  private @Nullable Path file;

  @Option(
      names = "--key-separator",
      paramLabel = "C",
      description = "before it: the key; a line without it has no key")
  private String keySeparator = "";

  @Option(names = "--partition", paramLabel = "P", description = "default: by key, or in turns")
  private @Nullable Integer partition;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (InputStream in = input()) {
      WeirClient weir = client.open();
      try {
        TopicDescription found = ClientOptions.describe(weir, topic, partition);
        return send(weir, in, recordLimit(found));
      } finally {
        ClientOptions.close(weir);
      }
    }
  }

  private int send(WeirClient weir, InputStream in, int maxRecordBytes)
      throws InterruptedException {
    PumpedPublisher<byte[]> lines = new PumpedPublisher<>(new LineReader(in, maxRecordBytes));
    LineRecords records =
        new LineRecords(
            topic,
            partition == null ? ProducerRecord.ANY_PARTITION : partition,
            keySeparator.getBytes(UTF_8));
    LineDelivery delivery = new LineDelivery(lines, send.acks());
    OnInterrupt interrupt = new OnInterrupt(delivery::interrupt);
    try {
      weir.<byte[], byte[]>producer(send.settings(maxRecordBytes))
          .send(Flux.from(lines).map(records::next))
          .subscribe(delivery.tally());
      lines.start("weir-lines");
      delivery.awaitEnd();
    } finally {
      interrupt.disarm();
    }
    return 0;
  }

  private InputStream input() throws FileNotFoundException {
    if (file == null) {
      return new FileInputStream(FileDescriptor.in);
    }
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new CommandFailure(
          "cannot read "
              + file
              + ": "
              + (Files.exists(file) ? "not a readable file" : "no such file"));
    }
    return new FileInputStream(file.toFile());
  }

  private static int recordLimit(TopicDescription topic) {
    String limit = topic.effectiveConfig().get(RECORD_LIMIT);
    return limit == null ? DEFAULT_RECORD_LIMIT : Integer.parseInt(limit);
  }
}
