package dev.weir.storage;

import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A few numbers in a checksummed line of text: {@code 1 <number>… <crc32c>}. Damaged reads as
 * absent; who has to tell the two apart looks whether the file exists.
 */
final class NumbersFile {
  private static final String VERSION = "1 ";

  private NumbersFile() {}

  /** The numbers, or null when there is no such file or it does not hold {@code count} of them. */
  static long @Nullable [] read(LogFiles files, Path path, int count) throws IOException {
    long[] numbers = read(files, path);
    return numbers != null && numbers.length == count ? numbers : null;
  }

  /** The numbers, however many there are. */
  static long @Nullable [] read(LogFiles files, Path path) throws IOException {
    byte[] content;
    try {
      content = SmallFile.read(files, path);
    } catch (NoSuchFileException absent) {
      return null;
    }
    String text = new String(content, StandardCharsets.US_ASCII);
    int end = text.lastIndexOf(' ');
    if (!text.startsWith(VERSION) || end < VERSION.length()) {
      return null;
    }
    String body = text.substring(0, end);
    if (!text.equals(body + checksum(body))) {
      return null;
    }
    try {
      return Arrays.stream(body.substring(VERSION.length()).split(" "))
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException notOurs) {
      return null;
    }
  }

  static void replace(LogFiles files, Path path, long... numbers) throws IOException {
    SmallFile.replace(files, path, encode(numbers));
  }

  /** As {@link SmallFile#replaceUnforced}: the checksum tells what became of it. */
  static void replaceUnforced(LogFiles files, Path path, long... numbers) throws IOException {
    SmallFile.replaceUnforced(files, path, encode(numbers));
  }

  private static byte[] encode(long... numbers) {
    String body =
        VERSION + Arrays.stream(numbers).mapToObj(Long::toString).collect(Collectors.joining(" "));
    return (body + checksum(body)).getBytes(StandardCharsets.US_ASCII);
  }

  private static String checksum(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    return String.format(" %08x\n", crc.getValue());
  }
}
