package dev.weir.core.record;

import org.jspecify.annotations.Nullable;

/**
 * A named value beside a record's key and value. Names may repeat; their order is kept. The array
 * is not copied: whoever hands it over no longer changes it.
 *
 * @param key the name, UTF-8 on the wire, may be empty
 * @param value the bytes, or null
 */
@SuppressWarnings("ArrayRecordComponent") // bytes travel as they are; equality is not offered
public record RecordHeader(String key, byte @Nullable [] value) {}
