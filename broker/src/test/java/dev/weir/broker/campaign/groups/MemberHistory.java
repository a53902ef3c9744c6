package dev.weir.broker.campaign.groups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a member wrote down. A line begins with what it tells and the time: {@code A} assigned,
 * {@code R} revoked, {@code L} lost (partition); {@code P} processed (end time, partition, first,
 * last); {@code C} committed (partition, offset); {@code E} ended; {@code X} failed, {@code F}
 * foreign record (words).
 *
 * @param told by partition the highest commit it was told of
 * @param strays processed without holding the partition
 */
record MemberHistory(
    String name,
    List<Holding> holdings,
    List<Span> strays,
    Map<Integer, Long> told,
    List<String> failures,
    List<String> foreign) {

  /**
   * Reads it.
   *
   * @param lines the last may be cut off
   * @param endMillis when the process was gone at latest
   */
  static MemberHistory parse(String name, String lines, long endMillis) {
    Parser parser = new Parser();
    int newline;
    for (int at = 0; (newline = lines.indexOf('\n', at)) >= 0; at = newline + 1) {
      parser.line(lines.substring(at, newline));
    }
    parser.endAll(endMillis);
    return new MemberHistory(
        name, parser.holdings, parser.strays, parser.told, parser.failures, parser.foreign);
  }

  /** Everything it processed. */
  List<Span> spans() {
    List<Span> all = new ArrayList<>(strays);
    holdings.forEach(holding -> all.addAll(holding.spans()));
    return all;
  }

  private static final class Parser {
    private record Open(long from, List<Span> spans) {}

    private final Map<Integer, Open> open = new HashMap<>();
    private final List<Holding> holdings = new ArrayList<>();
    private final List<Span> strays = new ArrayList<>();
    private final Map<Integer, Long> told = new HashMap<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> foreign = new ArrayList<>();

    void line(String line) {
      String[] words = line.split(" ", -1);
      long at = Long.parseLong(words[1]);
      switch (words[0]) {
        case "A" -> open.put(Integer.parseInt(words[2]), new Open(at, new ArrayList<>()));
        case "R", "L" -> close(Integer.parseInt(words[2]), at);
        case "P" -> span(at, words);
        case "C" -> told.merge(Integer.parseInt(words[2]), Long.parseLong(words[3]), Math::max);
        case "E" -> endAll(at);
        case "X" -> failures.add(line);
        case "F" -> foreign.add(line);
        default -> throw new IllegalArgumentException("a history has no such line: " + line);
      }
    }

    private void span(long from, String[] words) {
      int partition = Integer.parseInt(words[3]);
      Span span =
          new Span(
              partition,
              Long.parseLong(words[4]),
              Long.parseLong(words[5]),
              from,
              Long.parseLong(words[2]));
      Open holding = open.get(partition);
      (holding == null ? strays : holding.spans()).add(span);
    }

    private void close(int partition, long at) {
      Open holding = open.remove(partition);
      if (holding != null) {
        holdings.add(new Holding(partition, holding.from(), at, holding.spans()));
      }
    }

    void endAll(long at) {
      List.copyOf(open.keySet()).forEach(partition -> close(partition, at));
    }
  }
}
