package dev.weir.core.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The codecs of the v2 batch format, with Kafka's numbers. */
public enum Compression {
  NONE(0),
  GZIP(1),
  /** Snappy blocks in the framing of snappy-java; a single bare block is read as well. */
  SNAPPY(2),
  /** The LZ4 frame format with independent blocks of 64 KiB. */
  LZ4(3),
  ZSTD(4);

  private static final Compression[] BY_ID = values();

  private final int id;

  Compression(int id) {
    this.id = id;
  }

  /** The number in a batch's attributes. */
  public int id() {
    return id;
  }

  /**
   * The codec with this number.
   *
   * @throws WeirException UNSUPPORTED_COMPRESSION
   */
  public static Compression ofId(int id) {
    if (id < 0 || id >= BY_ID.length) {
      throw new WeirException(
          ErrorCode.UNSUPPORTED_COMPRESSION,
          "compression codec " + id + " is unknown; known are 0 to " + (BY_ID.length - 1));
    }
    return BY_ID[id];
  }

  /**
   * The codec with this lower-case name.
   *
   * @throws WeirException UNSUPPORTED_COMPRESSION
   */
  public static Compression ofName(String name) {
    for (Compression codec : BY_ID) {
      if (codec.codecName().equals(name)) {
        return codec;
      }
    }
    throw new WeirException(
        ErrorCode.UNSUPPORTED_COMPRESSION,
        "compression '"
            + name
            + "' is unknown; known are "
            + Arrays.stream(BY_ID).map(Compression::codecName).collect(Collectors.joining(", ")));
  }

  /** The name in settings and on the command line. */
  public String codecName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
