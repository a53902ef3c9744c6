package dev.weir.broker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker process that can be killed and started again on the same port and directory. */
public final class ServerProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile(
          "weir ready rsocket=127\\.0\\.0\\.1:(\\d+) http=127\\.0\\.0\\.1:(\\d+) in (\\d+) ms\n");

  private final Path dir;
  private final Path data;
  private final Launch launch;
  private WeirProcess process;
  private String port = "0";
  private String httpPort = "0";
  private long readyMillis;

  ServerProcess(Path dir) throws IOException {
    this(dir, dir.resolve("data"), Map.of());
  }

  /**
   * @param dir where the output goes
   * @param environment more of it
   */
  public ServerProcess(Path dir, Path data, Map<String, String> environment) throws IOException {
    this(dir, data, args -> WeirProcess.start(dir, environment, args));
  }

  private ServerProcess(Path dir, Path data, Launch launch) throws IOException {
    this.dir = dir;
    this.data = data;
    this.launch = launch;
    start();
  }

  /** A broker with these settings beside the defaults. */
  public static ServerProcess withSettings(Map<String, String> settings, Path dir)
      throws IOException {
    return new ServerProcess(
        dir,
        dir.resolve("data"),
        args -> {
          List<String> all = new ArrayList<>(List.of(args));
          settings.forEach((key, value) -> all.addAll(List.of("-D", key + "=" + value)));
          return WeirProcess.start(dir, all.toArray(String[]::new));
        });
  }

  /** A broker that may have so many files and sockets open. */
  static ServerProcess withDescriptors(int most, Path dir) throws IOException {
    return new ServerProcess(
        dir, dir.resolve("data"), args -> WeirProcess.startWithDescriptors(most, dir, args));
  }

  private interface Launch {
    WeirProcess start(String... args) throws IOException;
  }

  /** Starts it again; returns when it is ready. */
  public void start() throws IOException {
    if (process != null) {
      process.close();
    }
    process = launch.start("server", "--data-dir", data(), "--port", port, "--http-port", httpPort);
    await()
        .atMost(WeirProcess.DEADLINE)
        .until(() -> !process.isAlive() || process.out().endsWith("ms\n"));
    Matcher ready = READY.matcher(process.out());
    assertThat(ready.matches()).describedAs("%s%s", process.out(), process.err()).isTrue();
    port = ready.group(1);
    httpPort = ready.group(2);
    readyMillis = Long.parseLong(ready.group(3));
  }

  /** From the start of the process until it took requests, as it says itself. */
  public long readyMillis() {
    return readyMillis;
  }

  void killAndRestart() throws IOException {
    process.kill();
    start();
  }

  String data() {
    return data.toString();
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  String port() {
    return port;
  }

  public String httpPort() {
    return httpPort;
  }

  public WeirProcess process() {
    return process;
  }

  /** Runs a client command to its end. */
  public WeirProcess run(String... args) throws IOException, InterruptedException {
    return run(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()), args);
  }

  WeirProcess run(ProcessBuilder.Redirect input, String... args)
      throws IOException, InterruptedException {
    WeirProcess command = begin(input, args);
    command.exitCode();
    return command;
  }

  /** Starts a client command. */
  WeirProcess begin(ProcessBuilder.Redirect input, String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--server");
    all.add(address());
    return WeirProcess.start(dir, input, all.toArray(String[]::new));
  }

  @Override
  public void close() {
    process.close();
  }
}
