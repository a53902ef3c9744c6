package dev.weir.broker.record;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * JSON in UTF-8, written piece by piece by who knows the shape: a generator made for each record
 * costs more than what it writes. One thread; used again after {@link #take}.
 */
final class JsonBytes {
  /** The longest number, with its sign. */
  private static final int LONG_BYTES = 20;

  private static final int USUAL_BYTES = 256;
  private static final int KEPT_BYTES = 4 * 1024;

  private byte[] bytes = new byte[USUAL_BYTES];
  private int length;

  /** As it is, in ASCII. */
  JsonBytes raw(String ascii) {
    reserve(ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      bytes[length++] = (byte) ascii.charAt(i);
    }
    return this;
  }

  JsonBytes number(long value) {
    if (value == Long.MIN_VALUE) {
      return raw(Long.toString(value)); // has no positive counterpart
    }
    reserve(LONG_BYTES);
    long rest = value;
    if (rest < 0) {
      bytes[length++] = '-';
      rest = -rest;
    }
    int digits = 1;
    for (long more = rest / 10; more > 0; more /= 10) {
      digits++;
    }
    for (int at = length + digits - 1; at >= length; at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
    return this;
  }

  JsonBytes string(String text) {
    byte[] quoted = JsonStringEncoder.getInstance().quoteAsUTF8(text);
    return inQuotes(quoted);
  }

  /** Text for which {@link #isPlain} holds. */
  JsonBytes inQuotes(byte[] plain) {
    reserve(plain.length + 2);
    bytes[length++] = '"';
    System.arraycopy(plain, 0, bytes, length, plain.length);
    length += plain.length;
    bytes[length++] = '"';
    return this;
  }

  /** Whether it is ASCII of which nothing has to be escaped. */
  static boolean isPlain(byte[] text) {
    for (byte b : text) {
      if (b < 0x20 || b == '"' || b == '\\' || b == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** What was written, as a copy; the next is begun. */
  ByteBuffer take() {
    ByteBuffer taken = ByteBuffer.wrap(Arrays.copyOf(bytes, length));
    length = 0;
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[USUAL_BYTES]; // one large key is not kept for as long as its reader stays
    }
    return taken;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, more)));
    }
  }
}
