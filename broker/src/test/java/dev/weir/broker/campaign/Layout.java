package dev.weir.broker.campaign;

import dev.weir.client.NewTopic;
import dev.weir.core.record.Compression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The topics of a campaign: small segments so that rolls happen between faults, and one topic for
 * each way a batch gets to the disk.
 */
final class Layout {
  private static final List<NewTopic> TOPICS =
      List.of(
          topic("plain", 2, Map.of("segment.bytes", "1000000")),
          topic("packed", 2, Map.of("segment.bytes", "300000")),
          topic(
              "stamped",
              1,
              Map.of("segment.bytes", "500000", "message.timestamp.type", "LogAppendTime")),
          topic("large", 1, Map.of("segment.bytes", "4000000", "max.message.bytes", "700000")));

  private final List<NewTopic> topics = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();

  /**
   * @param more settings of all topics
   */
  Layout(Map<String, String> more) {
    for (NewTopic topic : TOPICS) {
      Map<String, String> config = new HashMap<>(topic.config());
      config.putAll(more);
      topics.add(topic(topic.name(), topic.partitions(), config));
      for (int partition = 0; partition < topic.partitions(); partition++) {
        slots.add(new Slot(slots.size(), topic.name(), partition));
      }
    }
  }

  /** Who sends what where. */
  record Sender(int number, Slot slot, Compression compression, int largestValue) {}

  private static NewTopic topic(String name, int partitions, Map<String, String> more) {
    return new NewTopic(name, partitions, 1, more);
  }

  List<NewTopic> topics() {
    return topics;
  }

  List<Slot> slots() {
    return slots;
  }

  Slot slot(String topic, int partition) {
    return slots.stream()
        .filter(slot -> slot.topic().equals(topic) && slot.partition() == partition)
        .findFirst()
        .orElseThrow();
  }

  /** Two for every partition, so that batches of several producers meet in one log. */
  List<Sender> senders() {
    List<Sender> senders = new ArrayList<>();
    Compression[] codecs = Compression.values();
    for (Slot slot : slots) {
      for (int i = 0; i < 2; i++) {
        int number = senders.size();
        Compression codec =
            slot.topic().equals("plain") ? Compression.NONE : codecs[number % codecs.length];
        senders.add(new Sender(number, slot, codec, slot.topic().equals("large") ? 200_000 : 600));
      }
    }
    return senders;
  }
}
