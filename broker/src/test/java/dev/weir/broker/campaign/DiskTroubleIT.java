package dev.weir.broker.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.broker.process.ServerProcess;
import dev.weir.broker.process.WeirProcess;
import dev.weir.client.Assignment;
import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** A disk that takes nothing for a while: it is shown, told once, and gone when the reason is. */
class DiskTroubleIT {
  @TempDir private Path dir;
  private LoopDisk disk;
  private ServerProcess broker;
  private HttpPages pages;
  private WeirClient client;

  @BeforeEach
  void startOnADiskOfItsOwn() throws IOException {
    @Nullable String reason = LoopDisk.unavailable();
    assumeTrue(reason == null, reason);
    disk = LoopDisk.create(dir, 24, "errors=remount-ro");
    broker = new ServerProcess(dir, disk.path().resolve("data"), Map.of());
    pages = new HttpPages(broker);
    client = WeirClient.create(ClientSettings.of(broker.address()));
    for (String topic : List.of("t", "u")) {
      createTopic(topic).block();
    }
  }

  @AfterEach
  void stop() {
    if (client != null) {
      client.close().block();
    }
    if (broker != null) {
      broker.close();
    }
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void aFullDiskIsToldOnceAndForgottenWhenThereIsSpace() throws IOException {
    assertThat(send("t", 10).join()).noneMatch(SendResult::isError);
    assertThat(send("u", 10).join()).noneMatch(SendResult::isError);
    Path filler = fill();
    CompletableFuture<List<SendResult<Integer>>> toT = send("t", 100_000);
    CompletableFuture<List<SendResult<Integer>>> toU = send("u", 100_000);
    pages.awaitMeter("weir_partitions_full", 2);
    pages.awaitMeter("weir_produce_refused_total", 10);
    assertThatThrownBy(() -> createTopic("v").block()).isInstanceOf(WeirException.class);
    assertThat(pages.get("/health/ready"))
        .contains("t-0 full: the disk is full")
        .contains("u-0 full: the disk is full");
    assertThat(state("t")).startsWith("full: the disk is full");
    assertThat(List.of(toT.isDone(), toU.isDone())).containsOnly(false);
    assertThat(refused("t", Duration.ofSeconds(2)))
        .isInstanceOfSatisfying(
            WeirException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.STORAGE_FULL))
        .hasMessageContaining("the disk is full: t-0 stored nothing");
    assertThat(read("t")).containsExactly(10);
    assertThat(bytesIn("t-0")).as("nothing of it is left").isEqualTo(described("t").sizeBytes());
    assertThat(log("t-0 refuses batches")).isEqualTo(1);
    assertThat(log("u-0 refuses batches")).isEqualTo(1);

    Files.delete(filler);
    assertThat(toT.join()).noneMatch(SendResult::isError);
    assertThat(toU.join()).noneMatch(SendResult::isError);
    createTopic("w").block();
    assertThat(state("t")).isEqualTo("online");
    assertThat(pages.get("/health/ready")).startsWith("ready\n").doesNotContain("t-0", "u-0");
    assertThat(log("t-0 takes batches again")).isEqualTo(1);
    assertThat(log("u-0 takes batches again")).isEqualTo(1);
    assertThat(read("t")).containsExactly(10, 100_000);
    assertThat(read("u")).containsExactly(10, 100_000);
  }

  @Test
  void aDirectoryThatTakesNoFilesStopsItsPartitionAlone() throws IOException {
    Path directory = disk.path().resolve("data/t-0");
    send("t", 60_000).join();
    Commands.run("chattr", "+i", directory.toString());
    CompletableFuture<List<SendResult<Integer>>> rolling;
    try {
      rolling = send("t", 60_000);
      pages.awaitMeter("weir_partitions_failing", 1);
      assertThat(send("u", 60_000).join()).noneMatch(SendResult::isError);
      assertThat(send("u", 60_000).join()).noneMatch(SendResult::isError);
      assertThat(state("t")).startsWith("failing: writing to t-0 failed: ");
      assertThat(state("u")).isEqualTo("online");
      assertThat(log("t-0 refuses batches")).isEqualTo(1);
    } finally {
      Commands.run("chattr", "-i", directory.toString());
    }
    assertThat(rolling.join()).noneMatch(SendResult::isError);
    assertThat(state("t")).isEqualTo("online");
    assertThat(read("t")).containsExactly(60_000, 60_000);
  }

  /** While no flush is under way; what ext4 says of one that is, see decision 009. */
  @Test
  void aFileSystemThatBecomesReadOnlyKeepsWhatWasAcknowledged() throws IOException {
    assertThat(send("t", 10).join()).noneMatch(SendResult::isError);
    assertThat(send("u", 20).join()).noneMatch(SendResult::isError);
    disk.triggerError();
    CompletableFuture<List<SendResult<Integer>>> refused = send("t", 30);
    awaitHealth("Read-only file system");
    assertThat(state("t")).matches("(failing|offline): .*Read-only file system.*");
    assertThat(state("u")).isEqualTo("online");
    assertThat(read("u")).containsExactly(20);
    assertThat(refused.isDone()).isFalse();
    broker.process().kill();
    disk.repair();
    broker.start();
    assertThat(refused.join()).noneMatch(SendResult::isError);
    assertThat(state("t")).isEqualTo("online");
    assertThat(read("t")).containsExactly(10, 30);
    assertThat(read("u")).containsExactly(20);
  }

  /** ext4's answer once it is shut down; an unplugged disk gives the same. */
  @Test
  void aDiskThatFailsEverythingKeepsWhatWasAcknowledged() throws IOException {
    assertThat(send("t", 10).join()).noneMatch(SendResult::isError);
    assertThat(send("u", 20).join()).noneMatch(SendResult::isError);
    disk.shutDown();
    CompletableFuture<List<SendResult<Integer>>> refused = send("t", 30);
    awaitHealth("Input/output error");
    assertThat(state("t")).matches("(failing|offline): .*t-0.*Input/output error.*");
    assertThat(state("u")).isEqualTo("online");
    assertThatThrownBy(() -> createTopic("v").block()).isInstanceOf(WeirException.class);
    assertThat(log("t-0 refuses batches") + log("t-0 takes no batches")).isEqualTo(1);
    assertThat(refused.isDone()).isFalse();
    broker.process().kill();
    disk.repair();
    broker.start();
    assertThat(refused.join()).noneMatch(SendResult::isError);
    assertThat(state("t")).isEqualTo("online");
    assertThat(read("t")).containsExactly(10, 30);
    assertThat(read("u")).containsExactly(20);
  }

  private reactor.core.publisher.Mono<Void> createTopic(String name) {
    return client
        .admin()
        .createTopic(new NewTopic(name, 1, 1, Map.of("segment.bytes", "100000")))
        .then();
  }

  private void awaitHealth(String words) {
    await().atMost(WeirProcess.DEADLINE).until(() -> pages.get("/health/ready").contains(words));
  }

  /** Every last byte, with the blocks that small writes would still find. */
  private Path fill() throws IOException {
    Path filler = disk.path().resolve("filler");
    byte[] zeros = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(zeros);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    return filler;
  }

  private CompletableFuture<List<SendResult<Integer>>> send(String topic, int bytes) {
    return send(client, topic, bytes);
  }

  /** Why a send fails; another one is made when the deadline came just during an attempt. */
  private WeirException refused(String topic, Duration deadline) {
    return Stream.generate(() -> sendWithin(deadline, topic).error())
        .limit(5)
        .map(Objects::requireNonNull)
        .filter(error -> error.code() != ErrorCode.OUTCOME_UNKNOWN)
        .findFirst()
        .orElseThrow(() -> new AssertionError("five outcomes in a row are unknown"));
  }

  /** By a client that is less patient. */
  private SendResult<Integer> sendWithin(Duration deadline, String topic) {
    WeirClient hurried =
        WeirClient.create(ClientSettings.of(broker.address()).withDeliveryTimeout(deadline));
    try {
      return send(hurried, topic, 100_000).join().get(0);
    } finally {
      hurried.close().block();
    }
  }

  private static CompletableFuture<List<SendResult<Integer>>> send(
      WeirClient client, String topic, int bytes) {
    return client
        .producer(ProducerSettings.of(Serializers.bytes(), Serializers.bytes()))
        .send(Flux.just(ProducerRecord.of(topic, (byte[]) null, new byte[bytes], bytes)))
        .collectList()
        .toFuture();
  }

  private List<Integer> read(String topic) {
    return Objects.requireNonNull(
        client
            .consumer(ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes()))
            .receive(Assignment.topic(topic, StartingPosition.earliest()).toEnd())
            .map(record -> Objects.requireNonNull(record.value()).length)
            .collectList()
            .block());
  }

  private String state(String topic) {
    return described(topic).state();
  }

  private TopicDescription.Partition described(String topic) {
    return Objects.requireNonNull(client.admin().describeTopic(topic).block()).partitions().get(0);
  }

  /** Of all segments of the partition, as the file system has them. */
  private long bytesIn(String partition) throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> logs =
        Files.newDirectoryStream(disk.path().resolve("data").resolve(partition), "*.log")) {
      for (Path each : logs) {
        bytes += Files.size(each);
      }
    }
    return bytes;
  }

  private long log(String words) throws IOException {
    return broker.process().err().lines().filter(line -> line.contains(words)).count();
  }
}
