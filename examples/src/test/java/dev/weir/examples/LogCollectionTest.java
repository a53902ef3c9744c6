package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.WeirClient;
import dev.weir.testing.WeirTestBroker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

class LogCollectionTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final WeirTestBroker broker = WeirTestBroker.start();
  private final WeirClient client = broker.client();

  @TempDir private Path from;
  @TempDir private Path to;

  @BeforeEach
  void createTopic() {
    LogCollection.createTopic(client).block(SOON);
    LogCollection.createTopic(client).block(SOON); // is there already
  }

  @AfterEach
  void closeBroker() {
    broker.close();
  }

  @Test
  void whatIsCollectedIsWhatWasShippedByteForByte() throws IOException {
    byte[] access = lines(2_500, number -> {});
    byte[] odd = {'a', '\r', '\n', '\n', (byte) 0xff, (byte) 0xc3, '\n', 0, '\n'};
    Files.write(from.resolve("access.log"), access);
    Files.write(from.resolve("odd bytes"), odd);

    long shipped = ship("access.log") + ship("odd bytes");
    Flux.from(LogCollection.collect(client, to))
        .scan(Integer::sum)
        .takeUntil(n -> n == shipped)
        .blockLast(SOON);

    assertThat(shipped).isEqualTo(2_504);
    assertThat(Files.readAllBytes(to.resolve("access.log"))).isEqualTo(access);
    assertThat(Files.readAllBytes(to.resolve("odd_bytes"))).isEqualTo(odd);
  }

  @Test
  void membersComeAndGoAndTheBrokerRestartsAndNoLineIsLost() throws Exception {
    Set<String> lines = new LinkedHashSet<>();
    for (int file = 0; file < 8; file++) {
      String name = "service-" + file;
      Files.write(from.resolve(name), lines(2_000, number -> lines.add(name + ":" + number)));
    }
    Path one = Files.createDirectory(to.resolve("one"));
    Path two = Files.createDirectory(to.resolve("two"));
    Path three = Files.createDirectory(to.resolve("three"));
    CountDownLatch begun = new CountDownLatch(1);

    Disposable first = LogCollection.collect(client, one).subscribe(n -> begun.countDown());
    Disposable second = LogCollection.collect(client, two).subscribe();
    for (int file = 0; file < 4; file++) {
      ship("service-" + file);
    }
    assertThat(begun.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    broker.restart();
    for (int file = 4; file < 8; file++) {
      ship("service-" + file);
    }
    first.dispose();
    Disposable third = LogCollection.collect(client, three).subscribe();
    lagIsZero();
    second.dispose();
    third.dispose();

    assertThat(linesIn(one, two, three)).containsAll(lines);
  }

  @Test
  void aLineWithoutEndIsRefusedByTheNameOfItsFile() throws IOException {
    Files.write(from.resolve("endless"), new byte[LogCollection.MAX_LINE_BYTES + 1]);

    assertThatThrownBy(() -> ship("endless")).hasMessageContaining("endless has a line of more");
  }

  private long ship(String file) {
    Long lines = LogCollection.ship(client, from.resolve(file)).block(SOON);
    return lines == null ? 0 : lines;
  }

  /** Everything is processed, as the group's committed offsets tell. */
  private void lagIsZero() {
    client
        .admin()
        .describeGroup("collectors")
        .map(
            group ->
                group.partitions().stream().mapToLong(p -> p.lag() < 0 ? 1 : p.lag()).sum()
                    + (group.partitions().size() - 4))
        .filter(lag -> lag == 0)
        .repeatWhenEmpty(asked -> asked.delayElements(Duration.ofMillis(50)))
        .block(SOON);
  }

  private static byte[] lines(int count, IntConsumer written) {
    Random random = new Random(7);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int number = 0; number < count; number++) {
      String line =
          number + " \"GET /articles/" + random.nextInt(100) + "\" 200 " + random.nextInt(9_999);
      out.writeBytes((line + '\n').getBytes(StandardCharsets.UTF_8));
      written.accept(number);
    }
    return out.toByteArray();
  }

  /** Of every file's lines its name and their numbers. */
  private static Set<String> linesIn(Path... directories) throws IOException {
    Set<String> lines = new LinkedHashSet<>();
    for (Path directory : directories) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          for (String line : Files.readAllLines(file)) {
            lines.add(file.getFileName() + ":" + line.substring(0, line.indexOf(' ')));
          }
        }
      }
    }
    return lines;
  }
}
