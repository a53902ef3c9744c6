package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Ends processes and then removes directories when this program ends, also when interrupted. */
final class Leftovers {
  private static final long LONGEST_END_SECONDS = 20;

  private final List<Process> processes = new CopyOnWriteArrayList<>();
  private final List<Path> directories = new CopyOnWriteArrayList<>();

  Leftovers() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::remove, "leftovers"));
  }

  void end(Process process) {
    processes.add(process);
  }

  void delete(Path directory) {
    directories.add(directory);
  }

  private void remove() {
    processes.forEach(Process::destroy);
    try {
      for (Process process : processes) {
        if (!process.waitFor(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      }
      for (Path directory : directories) {
        Startup.delete(directory);
      }
    } catch (InterruptedException | IOException | RuntimeException failure) {
      System.err.println("not everything could be removed: " + failure);
    }
  }
}
