package dev.weir.client;

import dev.weir.core.error.WeirException;
import org.jspecify.annotations.Nullable;

/**
 * What became of one record.
 *
 * @param topic the record's topic
 * @param partition where it went, -1 when it failed before a partition was chosen
 * @param offset its offset; {@link #UNKNOWN_OFFSET} when it failed, with {@link Acks#NONE}, and for
 *     a repeated batch whose offset the broker no longer remembers
 * @param correlation as in the record
 * @param error null: sent; otherwise why not, and its code's {@code mayHaveBeenApplied} tells
 *     whether the record may be in the log nevertheless
 */
public record SendResult<C>(
    String topic,
    int partition,
    long offset,
    @Nullable C correlation,
    @Nullable WeirException error) {
  public static final long UNKNOWN_OFFSET = -1;

  public boolean isError() {
    return error != null;
  }
}
