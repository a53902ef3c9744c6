package dev.weir.broker.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A table of attacks in Markdown. */
final class Report {
  private static final double MIB = 1 << 20;
  private static final String HEAD =
      """
      | attack | rounds | direct memory, MiB | heap after collection, MiB | resident, MiB | open files | tenant's p99, ms | what shows that it took place |
      |---|---|---|---|---|---|---|---|
      """;

  private final List<Row> rows = new ArrayList<>();

  void add(Row row) {
    rows.add(row);
  }

  List<Row> rows() {
    return List.copyOf(rows);
  }

  static String line(Row row) {
    return "| %s | %d in %.1f s | %s | %s | %s | %s | %s | %s |"
        .formatted(
            row.attack(),
            row.rounds(),
            row.seconds(),
            phases(row, phase -> mib(phase.most().directBytes())),
            phases(row, phase -> mib(phase.most().heapBytes())),
            phases(row, phase -> mib(phase.most().residentBytes())),
            phases(row, phase -> Long.toString(phase.most().openFiles())),
            phases(row, phase -> String.format(Locale.ROOT, "%.1f", phase.p99Millis())),
            row.evidence());
  }

  /** Each figure: before, at most during, after. */
  String table() {
    StringBuilder table = new StringBuilder(HEAD);
    rows.forEach(row -> table.append(line(row)).append('\n'));
    return table.toString();
  }

  private static String phases(Row row, Function<Row.Phase, String> figure) {
    return figure.apply(row.before())
        + " / "
        + figure.apply(row.during())
        + " / "
        + figure.apply(row.after());
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / MIB);
  }
}
