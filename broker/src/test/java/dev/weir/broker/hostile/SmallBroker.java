package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** A broker process with 64 MiB of heap and 64 MiB of direct memory, which dies without memory. */
final class SmallBroker implements AutoCloseable {
  static final long DIRECT_LIMIT = 64L << 20;

  private static final int LOG_END = 4_000;
  private static final Pattern READY =
      Pattern.compile("weir ready rsocket=127\\.0\\.0\\.1:(\\d+) http=127\\.0\\.0\\.1:(\\d+) in");
  private static final Pattern METER =
      Pattern.compile("^(weir_\\w+) ([-+.\\dE]+)$", Pattern.MULTILINE);
  private static final Pattern RESIDENT =
      Pattern.compile("^VmRSS:\\s+(\\d+) kB$", Pattern.MULTILINE);
  private static final Pattern READ = Pattern.compile("^rchar: (\\d+)$", Pattern.MULTILINE);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Path out;
  private final Path err;
  private final int port;
  private final int httpPort;
  private final JMXConnector management;
  private final MemoryMXBean memory;
  private final List<MemoryPoolMXBean> heapPools;

  SmallBroker(Path dir, String... settings) throws IOException {
    out = dir.resolve("out");
    err = dir.resolve("err");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=64m",
                // All of the heap is resident from the start, so that what grows is something else.
                "-Xms64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.weir.broker.cli.Main",
                "server",
                "--data-dir",
                dir.resolve("data").toString(),
                "--port",
                "0",
                "--http-port",
                "0"));
    for (String setting : settings) {
      command.add("-D");
      command.add(setting);
    }
    process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !process.isAlive() || Files.readString(out).endsWith("ms\n"));
    Matcher ready = READY.matcher(Files.readString(out));
    assertThat(ready.find()).describedAs("%s", log()).isTrue();
    port = Integer.parseInt(ready.group(1));
    httpPort = Integer.parseInt(ready.group(2));
    management = manage();
    MBeanServerConnection beans = management.getMBeanServerConnection();
    memory = ManagementFactory.getPlatformMXBean(beans, MemoryMXBean.class);
    heapPools =
        ManagementFactory.getPlatformMXBeans(beans, MemoryPoolMXBean.class).stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
  }

  @SuppressWarnings("BanJNDI") // the address is that of the process started above
  private JMXConnector manage() throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
      String address = machine.startLocalManagementAgent();
      machine.detach();
      return JMXConnectorFactory.connect(new JMXServiceURL(address));
    } catch (AttachNotSupportedException e) {
      throw new IOException(e);
    }
  }

  int port() {
    return port;
  }

  int httpPort() {
    return httpPort;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String log() throws IOException {
    return Files.readString(err);
  }

  /** The last lines. */
  String logEnd() throws IOException {
    String log = log() + Files.readString(out);
    return log.substring(Math.max(0, log.length() - LOG_END));
  }

  void collectGarbage() {
    memory.gc();
  }

  /** What it takes now. */
  Measurement measure() throws IOException, InterruptedException {
    return new Measurement(
        (long) meter("weir_memory_direct_bytes"),
        usedAfterCollection(),
        number(RESIDENT, "status") << 10,
        openFiles());
  }

  private long usedAfterCollection() {
    long used = 0;
    for (MemoryPoolMXBean pool : heapPools) {
      MemoryUsage collected = pool.getCollectionUsage();
      used += collected == null ? 0 : collected.getUsed();
    }
    return used;
  }

  /** Bytes it has read from files and sockets. */
  long bytesRead() throws IOException {
    return number(READ, "io");
  }

  private long number(Pattern pattern, String file) throws IOException {
    String text = Files.readString(proc(file));
    Matcher line = pattern.matcher(text);
    assertThat(line.find()).as(text).isTrue();
    return Long.parseLong(line.group(1));
  }

  private Path proc(String file) {
    return Path.of("/proc/" + process.pid() + "/" + file);
  }

  private long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(proc("fd"))) {
      return files.count();
    }
  }

  double meter(String name) throws IOException, InterruptedException {
    Map<String, Double> meters = meters();
    assertThat(meters).containsKey(name);
    return meters.get(name);
  }

  /** All meters without labels, by their names in Prometheus's text. */
  Map<String, Double> meters() throws IOException, InterruptedException {
    String body =
        http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/metrics"))
                    .timeout(Duration.ofSeconds(20))
                    .build(),
                BodyHandlers.ofString())
            .body();
    Map<String, Double> meters = new HashMap<>();
    for (Matcher line = METER.matcher(body); line.find(); ) {
      meters.put(line.group(1), Double.valueOf(line.group(2)));
    }
    return meters;
  }

  @Override
  public void close() {
    try {
      management.close();
    } catch (IOException e) {
      // The process is gone already.
    }
    process.destroyForcibly().onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
