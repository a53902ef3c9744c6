package dev.weir.broker.campaign.groups;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One life of a member: a process with its history. Owned by the nemesis. */
final class MemberProcess {
  private static final int DEADLINE_SECONDS = 60;
  private static final long RUNS = Long.MAX_VALUE;

  private final String name;
  private final Path history;
  private final Path errors;
  private final Process process;
  private boolean paused;
  private long goneAt = RUNS;

  MemberProcess(Path dir, String server, String name) throws IOException {
    this.name = name;
    this.history = dir.resolve(name + ".history");
    this.errors = dir.resolve(name + ".err");
    Path target = Path.of(System.getProperty("basedir", "."), "target").toAbsolutePath();
    Path jar = target.resolve("weir.jar");
    process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xshare:auto",
                    "-Xlog:cds*=off",
                    "-XX:SharedArchiveFile=" + target.resolve("weir.jsa"),
                    "-cp",
                    jar + File.pathSeparator + target.resolve("test-classes"),
                    StormMember.class.getName(),
                    server,
                    name,
                    history.toString()))
            .directory(dir.toFile())
            .redirectOutput(errors.toFile())
            .redirectError(errors.toFile())
            .start();
  }

  String name() {
    return name;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  boolean isPaused() {
    return paused;
  }

  /** SIGKILL; returns when it is gone. */
  void kill() {
    boolean ran = process.isAlive();
    process.destroyForcibly().onExit().orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
    if (ran) {
      goneAt = System.currentTimeMillis();
    }
  }

  boolean wasKilled() {
    return goneAt != RUNS;
  }

  /** What it printed. */
  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** SIGSTOP. */
  void pause() throws IOException {
    signal("-STOP");
    paused = true;
  }

  /** SIGCONT. */
  void resume() throws IOException {
    paused = false;
    signal("-CONT");
  }

  private void signal(String which) throws IOException {
    int code =
        new ProcessBuilder("kill", which, Long.toString(process.pid()))
            .inheritIO()
            .start()
            .onExit()
            .join()
            .exitValue();
    if (code != 0) {
      throw new IOException("kill " + which + " of " + name + " ended with " + code);
    }
  }

  /** Asks it to leave the group; does not wait. */
  void leave() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits until it has left; a breach if it does not, or fails. */
  void awaitLeft(Breaches breaches) throws IOException, InterruptedException {
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      breaches.add(
          Breach.FAILED_CLIENT, "%s did not leave in %d s".formatted(name, DEADLINE_SECONDS));
      kill();
    } else if (process.exitValue() != 0) {
      breaches.add(
          Breach.FAILED_CLIENT,
          "%s ended with %d: %s".formatted(name, process.exitValue(), errors()));
    }
  }

  /** What it wrote. */
  MemberHistory history() throws IOException {
    String lines =
        Files.exists(history)
            ? Files.readString(history, StandardCharsets.UTF_8)
            : ""; // killed before it began
    return MemberHistory.parse(name, lines, Math.min(goneAt, System.currentTimeMillis()));
  }
}
