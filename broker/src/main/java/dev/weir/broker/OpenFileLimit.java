package dev.weir.broker;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many of the descriptors that the process may have are for log files. */
final class OpenFileLimit {
  private static final long FEWEST = 16;
  private static final long MOST = 100_000;
  private static final long UNKNOWN = 1024;

  private OpenFileLimit() {}

  /** Half of them: the rest is for sockets and for files that are open for a moment. */
  static int forLogs() {
    long all =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : UNKNOWN;
    return (int) Math.max(FEWEST, Math.min(MOST, all / 2));
  }
}
