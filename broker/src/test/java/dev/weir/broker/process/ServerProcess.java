package dev.weir.broker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker process that can be killed and started again on the same port and directory. */
final class ServerProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile(
          "weir ready rsocket=127\\.0\\.0\\.1:(\\d+) http=127\\.0\\.0\\.1:(\\d+) in \\d+ ms\n");

  private final Path dir;
  private WeirProcess process;
  private String port = "0";
  private String httpPort = "0";

  ServerProcess(Path dir) throws IOException {
    this.dir = dir;
    start();
  }

  void start() throws IOException {
    process =
        WeirProcess.start(
            dir, "server", "--data-dir", data(), "--port", port, "--http-port", httpPort);
    await()
        .atMost(WeirProcess.DEADLINE)
        .until(() -> !process.isAlive() || process.out().endsWith("ms\n"));
    Matcher ready = READY.matcher(process.out());
    assertThat(ready.matches()).describedAs("%s%s", process.out(), process.err()).isTrue();
    port = ready.group(1);
    httpPort = ready.group(2);
  }

  void killAndRestart() throws IOException {
    process.kill();
    start();
  }

  String data() {
    return dir.resolve("data").toString();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  String port() {
    return port;
  }

  String httpPort() {
    return httpPort;
  }

  WeirProcess process() {
    return process;
  }

  /** Runs a client command to its end. */
  WeirProcess run(String... args) throws IOException, InterruptedException {
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
