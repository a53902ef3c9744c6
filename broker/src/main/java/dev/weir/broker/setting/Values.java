package dev.weir.broker.setting;

import java.math.BigDecimal;
import java.util.List;

/** What a setting may be. */
public sealed interface Values {
  boolean allow(String value);

  /** For a sentence that ends in "but must be …". */
  String expected();

  /** A whole number within bounds. */
  record WholeNumber(long min, long max) implements Values {
    @Override
    public boolean allow(String value) {
      try {
        long number = Long.parseLong(value);
        return number >= min && number <= max;
      } catch (NumberFormatException e) {
        return false;
      }
    }

    @Override
    public String expected() {
      return max == Long.MAX_VALUE
          ? "a whole number, at least " + min
          : "a whole number from " + min + " to " + max;
    }
  }

  /** A part of a whole. */
  record Share() implements Values {
    @Override
    public boolean allow(String value) {
      try {
        BigDecimal share = new BigDecimal(value);
        return share.signum() >= 0 && share.compareTo(BigDecimal.ONE) <= 0;
      } catch (NumberFormatException e) {
        return false;
      }
    }

    @Override
    public String expected() {
      return "a number from 0 to 1";
    }
  }

  /** One of a few words. */
  record OneOf(List<String> words) implements Values {
    public static OneOf of(String... words) {
      return new OneOf(List.of(words));
    }

    @Override
    public boolean allow(String value) {
      return words.contains(value);
    }

    @Override
    public String expected() {
      return "one of " + words;
    }
  }

  /** Any text that is not blank; whoever uses it finds out more. */
  record Text(String expected) implements Values {
    @Override
    public boolean allow(String value) {
      return !value.isBlank();
    }
  }
}
