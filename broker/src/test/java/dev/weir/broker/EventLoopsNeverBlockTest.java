package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.Assignment;
import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;

/**
 * A whole broker at work: no event loop reads, writes or flushes a file, and no partition loop
 * flushes one. BlockHound does not know files by itself, so their methods are registered here;
 * {@link #flagsFileAccessOnAnEventLoop} shows that the alarm rings.
 */
@Timeout(120)
class EventLoopsNeverBlockTest {
  private static final String FILE_CHANNEL = "sun/nio/ch/FileChannelImpl";
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int RECORDS = 20_000;
  private static final Queue<String> ALARMS = new ConcurrentLinkedQueue<>();

  @TempDir private Path dir;

  @BeforeAll
  static void watch() {
    BlockHound.builder()
        .loadIntegrations()
        .markAsBlocking(FILE_CHANNEL, "read", "(Ljava/nio/ByteBuffer;)I")
        .markAsBlocking(FILE_CHANNEL, "read", "(Ljava/nio/ByteBuffer;J)I")
        .markAsBlocking(FILE_CHANNEL, "write", "(Ljava/nio/ByteBuffer;)I")
        .markAsBlocking(FILE_CHANNEL, "write", "(Ljava/nio/ByteBuffer;J)I")
        .markAsBlocking(FILE_CHANNEL, "write", "([Ljava/nio/ByteBuffer;II)J")
        .markAsBlocking(FILE_CHANNEL, "force", "(Z)V")
        .nonBlockingThreadPredicate(
            also -> also.or(thread -> thread.getName().startsWith("weir-partition-")))
        // Page-cache writes are the partition loops' own work; idling is not blocking.
        .allowBlockingCallsInside("dev.weir.storage.disk.ChannelLogFile", "append")
        .allowBlockingCallsInside("dev.weir.core.loop.ThreadLoop", "park")
        // Hold a lock for a few instructions.
        .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "execute")
        // Reads /dev/urandom, which never waits.
        .allowBlockingCallsInside("java.util.UUID", "randomUUID")
        .blockingMethodCallback(
            method -> {
              String thread = Thread.currentThread().getName();
              if (thread.startsWith("weir-")) {
                ALARMS.add(thread + " called " + method);
                throw new IllegalStateException(thread + " called " + method);
              }
            })
        .install();
  }

  @Test
  void flagsFileAccessOnAnEventLoop() throws Exception {
    ALARMS.clear();
    Path file = Files.writeString(dir.resolve("f"), "text");
    Thread loop =
        new Thread(
            () -> {
              try (var channel = FileChannel.open(file)) {
                channel.read(ByteBuffer.allocateDirect(1), 0);
              } catch (Exception expected) {
                // the alarm is what counts
              }
            },
            "weir-partition-control");
    loop.start();
    loop.join();

    assertThat(ALARMS).anyMatch(alarm -> alarm.contains("FileChannelImpl#read"));
  }

  @Test
  void producingAndReadingTouchesFilesOnTheirOwnThreadsOnly() {
    ALARMS.clear();
    try (RunningBroker broker = RunningBroker.in(dir.resolve("data"))) {
      WeirClient client =
          WeirClient.create(
              ClientSettings.of("127.0.0.1:" + broker.server().rsocketAddress().getPort()));
      client
          .admin()
          .createTopic(new NewTopic("t", 2, 1, Map.of("segment.bytes", "1048576")))
          .block(DEADLINE);
      List<SendResult<Integer>> results =
          client
              .producer(ProducerSettings.of(Serializers.string(), Serializers.string()))
              .send(
                  Flux.range(0, RECORDS)
                      .map(i -> ProducerRecord.of("t", "k" + i, "value ".repeat(20) + i, i)))
              .collectList()
              .block(DEADLINE);
      Long read =
          client
              .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
              .receive(Assignment.topic("t", StartingPosition.earliest()).toEnd())
              .count()
              .block(DEADLINE);
      client.close().block(DEADLINE);

      assertThat(results).hasSize(RECORDS).allMatch(result -> result.error() == null);
      assertThat(read).isEqualTo(RECORDS);
    }
    assertThat(ALARMS).isEmpty();
  }
}
