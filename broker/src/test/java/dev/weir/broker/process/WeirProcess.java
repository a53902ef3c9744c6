package dev.weir.broker.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One run of weir.jar as {@code bin/weir} does it, with a small heap; its output is in files. */
public final class WeirProcess implements AutoCloseable {
  public static final Duration DEADLINE = Duration.ofSeconds(150);

  private static final File DEV_NULL = new File("/dev/null");

  private final Process process;
  private final Path out;
  private final Path err;
  private final Path temporary;

  private WeirProcess(Process process, Path out, Path err, Path temporary) {
    this.process = process;
    this.out = out;
    this.err = err;
    this.temporary = temporary;
  }

  /** Starts without input. */
  static WeirProcess start(Path dir, String... args) throws IOException {
    return start(dir, Map.of(), args);
  }

  /** Starts without input and with more environment. */
  static WeirProcess start(Path dir, Map<String, String> environment, String... args)
      throws IOException {
    return start(List.of(), dir, Redirect.from(DEV_NULL), environment, args);
  }

  /** Starts without input, with so many file descriptors at most. */
  static WeirProcess startWithDescriptors(int most, Path dir, String... args) throws IOException {
    List<String> limited = List.of("sh", "-c", "ulimit -n " + most + " && exec \"$@\"", "sh");
    return start(limited, dir, Redirect.from(DEV_NULL), Map.of(), args);
  }

  static WeirProcess start(Path dir, Redirect input, String... args) throws IOException {
    return start(List.of(), dir, input, Map.of(), args);
  }

  private static WeirProcess start(
      List<String> before,
      Path dir,
      Redirect input,
      Map<String, String> environment,
      String... args)
      throws IOException {
    Path out = Files.createTempFile(dir, "out", "");
    Path err = Files.createTempFile(dir, "err", "");
    // where codecs put their native libraries, which a killed process leaves behind
    Path temporary = Files.createTempDirectory(dir, "tmp");
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            java(),
            "-Xmx64m",
            "-Djava.io.tmpdir=" + temporary,
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
    builder.environment().putAll(environment);
    return new WeirProcess(builder.start(), out, err, temporary);
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

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  public int exitCode() throws InterruptedException, IOException {
    assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS))
        .describedAs("ended in time; standard error: %s", err())
        .isTrue();
    return process.exitValue();
  }

  public WeirProcess exitsWith(int code) throws InterruptedException, IOException {
    assertThat(exitCode()).describedAs("exit code; standard error: %s", err()).isEqualTo(code);
    return this;
  }

  public String out() throws IOException {
    return Files.readString(out, UTF_8);
  }

  Path outFile() {
    return out;
  }

  public String err() throws IOException {
    return Files.readString(err, UTF_8);
  }

  /** SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** SIGINT, as ^C sends it. */
  void interrupt() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  /** SIGKILL, and waits until the process is gone. */
  public void kill() {
    process.destroyForcibly().onExit().orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Kills it if need be, and removes what it has left in its temporary directory. */
  @Override
  public void close() {
    kill();
    if (!Files.exists(temporary)) {
      return;
    }
    try (Stream<Path> left = Files.walk(temporary)) {
      for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
