package dev.weir.broker.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a record-level subscriber asks for.
 *
 * @param partitions those asked for; empty: all
 * @param where which of their records
 * @param conflate whether, while it is behind, the newest record of each key is enough
 */
record SubscribeOptions(
    StartAt from,
    Set<Integer> partitions,
    RecordFilter where,
    boolean conflate,
    @Nullable String group) {

  /** Where delivery starts. */
  sealed interface StartAt {
    record Latest() implements StartAt {}

    record Earliest() implements StartAt {}

    record Timestamp(long millis) implements StartAt {}

    /** By partition; a partition that is not named starts at the latest. */
    record Offsets(Map<Integer, Long> byPartition) implements StartAt {}
  }

  /** INVALID_REQUEST naming the option that is unknown, contradictory or of another type. */
  static SubscribeOptions read(ByteBuffer data) {
    if (!data.hasRemaining()) {
      return new SubscribeOptions(new StartAt.Latest(), Set.of(), RecordFilter.ALL, false, null);
    }
    try (StrictJson json = new StrictJson(Reader.WHAT, data)) {
      Reader reader = new Reader(json);
      json.object("", reader::field);
      json.end();
      return reader.options();
    }
  }

  private static final class Reader {
    static final String WHAT = "the subscribe request";

    private final StrictJson json;
    private StartAt from = new StartAt.Latest();
    private long singleOffset = -1;
    private int partition = -1;
    private final Set<Integer> partitions = new TreeSet<>();
    private RecordFilter where = RecordFilter.ALL;
    private boolean conflate;
    private @Nullable String group;

    Reader(StrictJson json) {
      this.json = json;
    }

    void field(String name) {
      switch (name) {
        case "from" -> from();
        case "partition" -> partition = (int) json.integer(name, 0, Integer.MAX_VALUE);
        case "partitions" -> partitions();
        case "where" -> where = RecordFilterReader.read(json);
        case "conflate" -> conflate();
        case "group" -> group = json.string(name);
        default ->
            throw json.unknownField(name, "from, partition, partitions, where, conflate, group");
      }
    }

    SubscribeOptions options() {
      if (singleOffset >= 0) {
        if (partition < 0) {
          throw new WeirException(
              ErrorCode.INVALID_REQUEST,
              "'from' with 'offset' needs 'partition': an offset counts in one partition");
        }
        from = new StartAt.Offsets(Map.of(partition, singleOffset));
      }
      if (conflate && group != null) {
        throw new WeirException(
            ErrorCode.INVALID_REQUEST,
            "'conflate' and 'group' are both there: a group is given every record");
      }
      if (partition >= 0) {
        if (!partitions.isEmpty()) {
          throw new WeirException(
              ErrorCode.INVALID_REQUEST,
              "'partition' and 'partitions' are both there; one is enough");
        }
        partitions.add(partition);
      }
      if (from instanceof StartAt.Offsets offsets && !partitions.isEmpty()) {
        for (int named : offsets.byPartition().keySet()) {
          if (!partitions.contains(named)) {
            throw new WeirException(
                ErrorCode.INVALID_REQUEST,
                "'offsets' names partition %d but only %s asked for"
                    .formatted(named, named(partitions)));
          }
        }
      }
      return new SubscribeOptions(from, Set.copyOf(partitions), where, conflate, group);
    }

    private void conflate() {
      String by = json.string("conflate");
      if (!by.equals("key")) {
        throw new WeirException(
            ErrorCode.INVALID_REQUEST,
            "field 'conflate' of %s is '%s' but must be \"key\"".formatted(WHAT, by));
      }
      conflate = true;
    }

    private static String named(Set<Integer> partitions) {
      return partitions.size() == 1
          ? "partition " + partitions.iterator().next() + " is"
          : "the partitions " + partitions + " are";
    }

    private void partitions() {
      json.array(
          "partitions",
          () -> partitions.add((int) json.integer("partitions", 0, Integer.MAX_VALUE)));
      if (partitions.isEmpty()) {
        throw json.wrongType("partitions", "at least one partition");
      }
    }

    private void from() {
      if (json.atString()) {
        String name = json.string("from");
        from =
            switch (name) {
              case "latest" -> new StartAt.Latest();
              case "earliest" -> new StartAt.Earliest();
              default -> throw badFrom("is '" + name + "'");
            };
        return;
      }
      int[] fields = new int[1];
      json.object(
          "from",
          name -> {
            fields[0]++;
            fromField(name);
          });
      if (fields[0] != 1) {
        throw badFrom("has " + fields[0] + " fields");
      }
    }

    private void fromField(String name) {
      switch (name) {
        case "offset" -> singleOffset = json.integer("from.offset", 0, Long.MAX_VALUE);
        case "timestamp" ->
            from = new StartAt.Timestamp(json.integer("from.timestamp", 0, Long.MAX_VALUE));
        case "offsets" -> from = new StartAt.Offsets(offsets());
        default -> throw json.unknownField("from." + name, "offset, timestamp, offsets");
      }
    }

    private Map<Integer, Long> offsets() {
      Map<Integer, Long> offsets = new HashMap<>();
      json.object(
          "from.offsets",
          name -> {
            int number;
            try {
              number = Integer.parseUnsignedInt(name);
            } catch (NumberFormatException e) {
              throw json.wrongType("from.offsets." + name, "named by a partition number");
            }
            offsets.put(number, json.integer("from.offsets." + name, 0, Long.MAX_VALUE));
          });
      return Map.copyOf(offsets);
    }

    private static WeirException badFrom(String how) {
      return new WeirException(
          ErrorCode.INVALID_REQUEST,
          ("field 'from' of %s %s but must be \"latest\", \"earliest\", {\"offset\":n},"
                  + " {\"timestamp\":ms} or {\"offsets\":{\"0\":n}}")
              .formatted(WHAT, how));
    }
  }
}
