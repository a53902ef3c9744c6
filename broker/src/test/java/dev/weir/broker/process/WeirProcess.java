package dev.weir.broker.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of weir.jar as {@code bin/weir} does it, with a small heap; its output is in files. */
final class WeirProcess implements AutoCloseable {
  static final Duration DEADLINE = Duration.ofSeconds(150);

  private final Process process;
  private final Path out;
  private final Path err;

  private WeirProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts without input. */
  static WeirProcess start(Path dir, String... args) throws IOException {
    return start(dir, Redirect.from(Path.of("/dev/null").toFile()), args);
  }

  static WeirProcess start(Path dir, Redirect input, String... args) throws IOException {
    Path out = Files.createTempFile(dir, "out", "");
    Path err = Files.createTempFile(dir, "err", "");
    List<String> command =
        new ArrayList<>(
            List.of(
                java(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-Xlog:cds*=off",
                "-XX:SharedArchiveFile=" + jar().resolveSibling("weir.jsa"),
                "-jar",
                jar().toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectInput(input)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().remove("WEIR_SERVER");
    return new WeirProcess(builder.start(), out, err);
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static Path jar() {
    return Path.of(System.getProperty("basedir", "."), "target", "weir.jar").toAbsolutePath();
  }

  /** Standard input, when it was started with {@link Redirect#PIPE}. */
  OutputStream input() {
    return process.getOutputStream();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  int exitCode() throws InterruptedException, IOException {
    assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS))
        .describedAs("ended in time; standard error: %s", err())
        .isTrue();
    return process.exitValue();
  }

  WeirProcess exitsWith(int code) throws InterruptedException, IOException {
    assertThat(exitCode()).describedAs("exit code; standard error: %s", err()).isEqualTo(code);
    return this;
  }

  String out() throws IOException {
    return Files.readString(out, UTF_8);
  }

  Path outFile() {
    return out;
  }

  String err() throws IOException {
    return Files.readString(err, UTF_8);
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** SIGINT, as ^C sends it. */
  void interrupt() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  /** SIGKILL, and waits until the process is gone. */
  void kill() {
    process.destroyForcibly().onExit().orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    kill();
  }
}
