package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What the fast subscribers had and the broker took, second by second, over all turns. */
final class MemoryFlow {
  /**
   * One second.
   *
   * @param turn its number, from 0 on; the odd ones have the slow subscribers
   * @param second since the first turn began, pauses between turns left out
   */
  record Moment(
      int turn,
      double second,
      double fastMegabytesPerSecond,
      double residentMegabytes,
      double heapMegabytes,
      double directMegabytes) {}

  private final List<Moment> moments = new ArrayList<>();

  void add(Moment moment) {
    moments.add(moment);
  }

  double nextSecond(double length) {
    return moments.isEmpty() ? length : moments.get(moments.size() - 1).second() + length;
  }

  double[] seconds(boolean withSlow) {
    return column(Moment::second, withSlow);
  }

  /** One value of every second of the turns with, or without, the slow subscribers. */
  double[] column(ToDoubleFunction<Moment> value, boolean withSlow) {
    return moments.stream()
        .filter(moment -> (moment.turn() % 2 == 1) == withSlow)
        .mapToDouble(value)
        .toArray();
  }

  double[] column(ToDoubleFunction<Moment> value) {
    return moments.stream().mapToDouble(value).toArray();
  }

  Samples samples(ToDoubleFunction<Moment> value, boolean withSlow) {
    Samples samples = new Samples();
    for (double v : column(value, withSlow)) {
      samples.add(v);
    }
    return samples;
  }

  String json() {
    StringBuilder text = new StringBuilder("[");
    String separator = "\n  ";
    for (Moment moment : moments) {
      text.append(separator)
          .append(
              String.format(
                  Locale.ROOT,
                  "{\"turn\": %d, \"second\": %.1f, \"fastMBps\": %.2f, \"residentMB\": %.1f,"
                      + " \"heapMB\": %s, \"directMB\": %.1f}",
                  moment.turn(),
                  moment.second(),
                  moment.fastMegabytesPerSecond(),
                  moment.residentMegabytes(),
                  Double.isNaN(moment.heapMegabytes()) ? "null" : moment.heapMegabytes(),
                  moment.directMegabytes()));
      separator = ",\n  ";
    }
    return text.append("\n]").toString();
  }
}
