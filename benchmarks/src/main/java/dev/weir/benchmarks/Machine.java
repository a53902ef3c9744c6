package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Where a table was measured; a figure without it means nothing. */
final class Machine {
  private static final double TICKS_PER_SECOND = 100; // fixed in Linux, whatever the kernel's own

  private Machine() {}

  static String description() throws IOException {
    String model = "unknown processor";
    long memoryKib = 0;
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("model name")) {
        model = line.substring(line.indexOf(':') + 1).trim();
        break;
      }
    }
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemTotal")) {
        memoryKib = kib(line);
      }
    }
    return String.format(
        Locale.ROOT,
        "%d cores of %s, %.0f GB, Linux %s, Java %s",
        Runtime.getRuntime().availableProcessors(),
        model,
        memoryKib / 1e6,
        System.getProperty("os.version"),
        System.getProperty("java.version"));
  }

  /** How busy the machine was, ourselves included: a busy one gives low figures for all. */
  static String load() throws IOException {
    return "load average "
        + Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]
        + " at the end";
  }

  /** A value of {@code /proc/PID/status} in MB of 2^20 bytes: VmRSS now, VmHWM at its highest. */
  static double megabytes(long pid, String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(key + ":")) {
        return kib(line) / 1024.0;
      }
    }
    throw new IOException("process " + pid + " has no " + key);
  }

  /** Processor time that the process has used, in user and system mode. */
  static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  private static long kib(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }
}
