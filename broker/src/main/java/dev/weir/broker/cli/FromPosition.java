package dev.weir.broker.cli;

import dev.weir.client.StartingPosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code latest}, {@code earliest}, {@code offset:N} and {@code time:ISO-8601}. */
final class FromPosition implements ITypeConverter<StartingPosition> {
  @Override
  public StartingPosition convert(String value) {
    if (value.equals("latest")) {
      return StartingPosition.latest();
    }
    if (value.equals("earliest")) {
      return StartingPosition.earliest();
    }
    if (value.startsWith("offset:")) {
      return offset(value.substring("offset:".length()));
    }
    if (value.startsWith("time:")) {
      return StartingPosition.timestamp(time(value.substring("time:".length())));
    }
    throw new TypeConversionException(
        "'" + value + "' is none of latest, earliest, offset:N, time:ISO-8601");
  }

  private static StartingPosition offset(String text) {
    try {
      long offset = Long.parseLong(text);
      if (offset >= 0) {
        return StartingPosition.offset(offset);
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new TypeConversionException(
        "'" + text + "' is not an offset: a whole number, not negative");
  }

  /** A time without a zone is local time, as in most tools. */
  private static Instant time(String text) {
    try {
      TemporalAccessor time =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(
              text.contains("T") ? text : text + "T00:00:00",
              ZonedDateTime::from,
              LocalDateTime::from);
      return time instanceof ZonedDateTime zoned
          ? zoned.toInstant()
          : LocalDateTime.from(time).atZone(ZoneId.systemDefault()).toInstant();
    } catch (DateTimeException e) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is not an ISO-8601 time such as "
              + "2025-01-31"
              + "T12:00:00Z or "
              + "2025-01-31");
    }
  }
}
