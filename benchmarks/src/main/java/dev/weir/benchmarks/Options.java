package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a benchmark is told: numbers by their place, the rest as {@code name=value}. */
final class Options {
  private final List<String> places = new ArrayList<>();
  private final Map<String, String> named = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException a name that is not known, or too many numbers
   */
  Options(List<String> arguments, int mostPlaces, Set<String> names) {
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 0) {
        places.add(argument);
      } else if (names.contains(argument.substring(0, equals))) {
        named.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else {
        throw new IllegalArgumentException("expected one of " + names + ", not " + argument);
      }
    }
    if (places.size() > mostPlaces) {
      throw new IllegalArgumentException("too much: " + places.subList(mostPlaces, places.size()));
    }
  }

  double place(int index, String meaning, double orElse) {
    return index < places.size() ? number(meaning, places.get(index)) : orElse;
  }

  int number(String name, int orElse) {
    return named.containsKey(name) ? (int) number(name, text(name, "")) : orElse;
  }

  /** Numbers with commas between. */
  List<Integer> numbers(String name, List<Integer> orElse) {
    if (!named.containsKey(name)) {
      return orElse;
    }
    List<Integer> numbers = new ArrayList<>();
    for (String each : text(name, "").split(",", -1)) {
      numbers.add((int) number(name, each));
    }
    return numbers;
  }

  /** The first one unless told. */
  String oneOf(String name, String... allowed) {
    String told = text(name, allowed[0]);
    if (!List.of(allowed).contains(told)) {
      throw new IllegalArgumentException(
          name + " must be one of " + List.of(allowed) + ", not " + told);
    }
    return told;
  }

  String text(String name, String orElse) {
    return named.getOrDefault(name, orElse);
  }

  private static double number(String name, String text) {
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number, not " + text, e);
    }
    if (!(number > 0)) {
      throw new IllegalArgumentException(name + " must be positive, not " + text);
    }
    return number;
  }
}
