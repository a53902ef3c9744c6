package dev.weir.broker.cli;

import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** An option's value that is one of a few words. */
final class Choice {
  private Choice() {}

  static <T> T of(String value, Map<String, T> choices) {
    @Nullable T chosen = choices.get(value);
    if (chosen == null) {
      throw new TypeConversionException(
          "'" + value + "' is none of " + String.join(", ", new TreeSet<>(choices.keySet())));
    }
    return chosen;
  }
}
