package dev.weir.examples;

import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupSubscription;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.ReceiverBatch;
import dev.weir.client.ReceiverRecord;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirConsumer;
import dev.weir.client.WeirProducer;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Brings the lines of log files to wherever they are collected: files, a topic, a consumer group,
 * files again, one for each source. Lines are bytes and stay as they are.
 *
 * <p>A collector acknowledges lines when they are on its disk, so none is lost; one that dies
 * between the two has its last batch written once more, by itself or by another member.
 */
public final class LogCollection {
  static final String TOPIC = "logs";
  static final int MAX_LINE_BYTES = 256 << 10;

  private LogCollection() {}

  /** The arguments: {@code ship HOST:PORT FILE…} or {@code collect HOST:PORT DIRECTORY}. */
  public static void main(String[] args) {
    WeirClient client = WeirClient.create(ClientSettings.of(args[1]));
    try {
      if (args[0].equals("ship")) {
        createTopic(client).block();
        for (int i = 2; i < args.length; i++) {
          System.out.println(args[i] + ": " + ship(client, Path.of(args[i])).block() + " lines");
        }
      } else {
        collect(client, Path.of(args[2])).doOnNext(System.out::println).blockLast();
      }
    } finally {
      client.close().block();
    }
  }

  /** Makes the topic unless it is there. */
  static Mono<Void> createTopic(WeirClient client) {
    return client
        .admin()
        .createTopic(NewTopic.of(TOPIC, 4))
        .onErrorComplete(
            error -> error instanceof WeirException weir && weir.code() == ErrorCode.TOPIC_EXISTS)
        .then();
  }

  /** Sends a file's lines and counts them; when it answers they are on the broker's disk. */
  static Mono<Long> ship(WeirClient client, Path file) {
    String source = file.getFileName().toString(); // as the key: a file's lines keep their order
    WeirProducer<String, byte[]> producer =
        client.producer(
            ProducerSettings.of(Serializers.string(), Serializers.bytes()).withStopOnError(true));
    return producer
        .send(lines(file).map(line -> ProducerRecord.<String, byte[], Void>of(TOPIC, source, line)))
        .count()
        .flatMap(count -> producer.close().thenReturn(count));
  }

  /** Goes on until it is cancelled; tells how many lines each batch had that was written. */
  static Flux<Integer> collect(WeirClient client, Path directory) {
    WeirConsumer<String, byte[]> consumer =
        client.consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toBytes()));
    return consumer
        .receiveBatches(GroupSubscription.of("collectors", TOPIC), 1_000, Duration.ofMillis(200))
        .concatMap(
            batch ->
                Mono.fromCallable(() -> write(directory, batch))
                    .subscribeOn(Schedulers.boundedElastic())
                    .doOnSuccess(lines -> batch.acknowledge()),
            0);
  }

  private static int write(Path directory, ReceiverBatch<String, byte[]> batch) throws IOException {
    Map<String, ByteArrayOutputStream> bySource = new LinkedHashMap<>();
    for (ReceiverRecord<String, byte[]> line : batch.records()) {
      String source = line.key() == null ? "unknown" : line.key();
      byte[] text = line.value() == null ? new byte[0] : line.value();
      ByteArrayOutputStream out =
          bySource.computeIfAbsent(source, name -> new ByteArrayOutputStream());
      out.writeBytes(text);
      out.write('\n');
    }
    for (Map.Entry<String, ByteArrayOutputStream> source : bySource.entrySet()) {
      append(fileOf(directory, source.getKey()), source.getValue().toByteArray());
    }
    return batch.records().size();
  }

  /** Keys come from elsewhere: none leads out of the directory. */
  private static Path fileOf(Path directory, String source) {
    return directory.resolve(source.replaceAll("[^A-Za-z0-9._-]", "_"));
  }

  private static void append(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  /** A file's lines without their ends, read as they are asked for, on a thread that may block. */
  private static Flux<byte[]> lines(Path file) {
    return Flux.<byte[], InputStream>generate(
            () -> new BufferedInputStream(Files.newInputStream(file)),
            (in, sink) -> {
              try {
                byte[] line = readLine(in, file);
                if (line == null) {
                  sink.complete();
                } else {
                  sink.next(line);
                }
              } catch (IOException e) {
                sink.error(e);
              }
              return in;
            },
            LogCollection::close)
        .subscribeOn(Schedulers.boundedElastic());
  }

  private static byte @Nullable [] readLine(InputStream in, Path file) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    while (next >= 0 && next != '\n') {
      if (line.size() == MAX_LINE_BYTES) {
        throw new IOException(file + " has a line of more than " + MAX_LINE_BYTES + " bytes");
      }
      line.write(next);
      next = in.read();
    }
    return line.toByteArray();
  }

  private static void close(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
