package dev.weir.core.record;

import java.nio.ByteBuffer;

/** What the record of a control batch says; its key is a version and a type, two bytes each. */
public enum ControlRecordType {
  /** The producer's open transaction is given up. */
  ABORT,
  /** The producer's open transaction takes effect. */
  COMMIT,
  /** A type this version does not know, to be passed over. */
  UNKNOWN;

  private static final int TYPE_AT = Short.BYTES;
  private static final int KEY_BYTES = 2 * Short.BYTES;

  /**
   * The type of the cursor's current record.
   *
   * @throws dev.weir.core.error.WeirException CORRUPT_BATCH the key is not one of a control record
   */
  public static ControlRecordType of(RecordCursor cursor) {
    ByteBuffer key = cursor.key();
    if (key == null || key.remaining() < KEY_BYTES || key.getShort(0) < 0) {
      throw RecordBatch.corrupt(
          "the control record at offset " + cursor.offset() + " has no version and type");
    }
    return switch (key.getShort(TYPE_AT)) {
      case 0 -> ABORT;
      case 1 -> COMMIT;
      default -> UNKNOWN;
    };
  }
}
