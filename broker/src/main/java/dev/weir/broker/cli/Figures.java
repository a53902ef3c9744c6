package dev.weir.broker.cli;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The lines in which measurements are told. MB are 10^6 bytes. */
final class Figures {
  private static final double NANOS = 1e9;

  private Figures() {}

  static String throughput(long records, long bytes, long nanos) {
    double seconds = Math.max(1, nanos) / NANOS;
    return String.format(
        Locale.ROOT,
        "%d records, %d bytes in %.3f s: %.0f records/s, %.2f MB/s",
        records,
        bytes,
        seconds,
        records / seconds,
        bytes / seconds / 1e6);
  }

  /**
   * @param micros latencies in microseconds
   */
  static String latency(String what, Histogram micros) {
    return String.format(
        Locale.ROOT,
        "%s: p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, max %.3f ms",
        what,
        micros.getValueAtPercentile(50) / 1e3,
        micros.getValueAtPercentile(99) / 1e3,
        micros.getValueAtPercentile(99.9) / 1e3,
        micros.getMaxValue() / 1e3);
  }

  /** Up to ten minutes with three digits. */
  static Histogram histogram() {
    return new Histogram(600_000_000L, 3);
  }

  /** Records a duration, cut to what the histogram holds. */
  static void record(Histogram micros, long nanos) {
    long value = Math.max(0, nanos / 1_000);
    micros.recordValue(Math.min(value, micros.getHighestTrackableValue()));
  }
}
