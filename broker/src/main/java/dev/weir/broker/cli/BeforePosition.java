package dev.weir.broker.cli;

import dev.weir.client.StartingPosition;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an offset, {@code latest} and {@code time:ISO-8601}: where what stays begins. */
final class BeforePosition implements ITypeConverter<StartingPosition> {
  @Override
  public StartingPosition convert(String value) {
    if (value.equals("latest") || value.startsWith("time:")) {
      return new FromPosition().convert(value);
    }
    if (value.matches("[0-9]{1,19}")) {
      return new FromPosition().convert("offset:" + value);
    }
    throw new TypeConversionException(
        "'" + value + "' is none of OFFSET (not negative), latest, time:ISO-8601");
  }
}
