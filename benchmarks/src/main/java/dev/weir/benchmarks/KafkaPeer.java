package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Apache Kafka, one process as broker and controller, with the JVM flags of its own start script.
 * The topic flushes every message, so that an acknowledgement means what it means with Weir.
 */
final class KafkaPeer implements Peer {
  static final int PORT = 19_092;
  private static final int CONTROLLER_PORT = 19_093;
  private static final String CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk";

  @Override
  public String name() {
    return "Kafka "
        + Optional.ofNullable(KafkaProducer.class.getPackage().getImplementationVersion())
            .orElse("4.3.1");
  }

  @Override
  public void prepare(Path dir) throws IOException, InterruptedException {
    Files.writeString(
        dir.resolve("server.properties"),
        """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%1$d
        listeners=PLAINTEXT://127.0.0.1:%2$d,CONTROLLER://127.0.0.1:%1$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%2$d
        controller.listener.names=CONTROLLER
        log.dirs=%3$s
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        """
            .formatted(CONTROLLER_PORT, PORT, dir.resolve("data")));
    Process format =
        java(dir, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", "server.properties");
    if (format.waitFor() != 0) {
      throw new IOException(
          "Kafka's storage format failed:\n" + Files.readString(dir.resolve("out")));
    }
  }

  @Override
  public Process start(Path dir) throws IOException {
    return java(dir, "kafka.Kafka", "server.properties");
  }

  @Override
  public void awaitReady(Path dir, Process process) throws IOException, InterruptedException {
    Logs.await(dir.resolve("out"), process, "Kafka Server started", Duration.ofMinutes(2));
  }

  @Override
  public void acknowledgeOne() throws InterruptedException {
    Map<String, Object> config = Map.of("bootstrap.servers", "127.0.0.1:" + PORT);
    try (Admin admin = Admin.create(config)) {
      NewTopic topic = new NewTopic("first", 1, (short) 1).configs(Map.of("flush.messages", "1"));
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>("first", "hello")).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Fills a topic of one partition with {@link SampleValues} in batches of about 64 KiB.
   *
   * @return the offset after its last record
   */
  static long fill(String topic, long bytes) throws InterruptedException {
    Map<String, Object> config =
        Map.of("bootstrap.servers", "127.0.0.1:" + PORT, "batch.size", 64 << 10, "linger.ms", 100);
    try (Admin admin = Admin.create(config)) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    SampleValues values = new SampleValues();
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    long records = 0;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long sent = 0; sent < bytes; records++) {
        byte[] value = values.next();
        sent += value.length;
        Future<RecordMetadata> unused = // the callback tells the same
            producer.send(
                new ProducerRecord<>(topic, value),
                (metadata, error) -> failure.compareAndSet(null, error));
      }
    }
    Exception reason = failure.get();
    if (reason != null) {
      throw new IllegalStateException("Kafka refused a record", reason);
    }
    return records;
  }

  /** The class path is that of {@code benchmarks/kafka/pom.xml}. */
  private static Process java(Path dir, String... mainAndArguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1G",
                "-Xms1G",
                "-server",
                "-XX:+UseG1GC",
                "-XX:MaxGCPauseMillis=20",
                "-XX:InitiatingHeapOccupancyPercent=35",
                "-XX:+ExplicitGCInvokesConcurrent",
                "-Djava.awt.headless=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-cp",
                System.getProperty("kafka.class.path")));
    command.addAll(List.of(mainAndArguments));
    return new ProcessBuilder(command)
        .directory(dir.toFile())
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("out").toFile())
        .start();
  }
}
