package dev.weir.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** One figure over several runs. */
final class Samples {
  private double[] values = new double[0];

  void add(double value) {
    values = Arrays.copyOf(values, values.length + 1);
    values[values.length - 1] = value;
  }

  double median() {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** {@code median (min to max)}, whole numbers. */
  String summary() {
    double min = Arrays.stream(values).min().orElse(Double.NaN);
    double max = Arrays.stream(values).max().orElse(Double.NaN);
    String form = median() < 100 ? "%,.2f (%,.2f to %,.2f)" : "%,.0f (%,.0f to %,.0f)";
    return String.format(Locale.ROOT, form, median(), min, max);
  }

  /** All values in the order in which they were taken. */
  double[] values() {
    return values.clone();
  }

  /** The median as a percentage, with the range. */
  String percent() {
    return String.format(
        Locale.ROOT,
        "%.0f %% (%.0f to %.0f)",
        100 * median(),
        100 * Arrays.stream(values).min().orElse(Double.NaN),
        100 * Arrays.stream(values).max().orElse(Double.NaN));
  }

  /** All values in the order in which they were taken. */
  String json() {
    return Arrays.toString(values);
  }
}
