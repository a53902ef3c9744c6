package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rows of the storage benchmark: what Weir reaches, the machine's limit, and the share. */
final class StorageTable {
  /**
   * One measurement.
   *
   * @param turns Weir's figure and the limit's, taken in turns
   * @param note what else was measured
   */
  private record Row(String name, String unit, Turns turns, String note) {}

  private final List<Row> rows = new ArrayList<>();

  void add(String name, String unit, Turns turns, String note) {
    rows.add(new Row(name, unit, turns, note));
    System.err.println("  " + name + ": " + turns.share().percent() + " of the limit");
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("| | | Weir, median (min to max) | limit, median (min to max) | share | |\n");
    text.append("|---|---|---|---|---|---|\n");
    for (Row row : rows) {
      text.append("| ")
          .append(
              String.join(
                  " | ",
                  row.name(),
                  row.unit(),
                  row.turns().ours().summary(),
                  row.turns().limit().summary(),
                  row.turns().share().percent(),
                  row.note()))
          .append(" |\n");
    }
    return text.toString();
  }

  String json(String machine, String fileSystem) {
    StringBuilder text = new StringBuilder();
    text.append("{\"machine\": \"").append(machine).append("\", \"fileSystem\": \"");
    text.append(fileSystem).append("\", \"rows\": [");
    String separator = "\n  ";
    for (Row row : rows) {
      text.append(separator)
          .append(
              String.format(
                  Locale.ROOT,
                  "{\"name\": \"%s\", \"unit\": \"%s\", \"weir\": %s, \"limit\": %s,"
                      + " \"share\": %s, \"note\": \"%s\"}",
                  row.name(),
                  row.unit(),
                  row.turns().ours().json(),
                  row.turns().limit().json(),
                  row.turns().share().json(),
                  row.note()));
      separator = ",\n  ";
    }
    return text.append("\n]}\n").toString();
  }
}
