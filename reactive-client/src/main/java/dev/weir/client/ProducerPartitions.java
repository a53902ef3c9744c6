package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions one producer has sent to, each with its leader's sender. Owned by the producer's
 * loop.
 */
final class ProducerPartitions {
  private static final Logger log = LoggerFactory.getLogger(ProducerPartitions.class);

  private final Topics topics;
  private final ThreadLoop loop;
  private final Function<ServerAddress, BrokerSender> senders;
  private final List<TopicSlot> slots = new ArrayList<>();
  private final List<Outbox> outboxes = new ArrayList<>(); // of all slots
  private final Set<String> refreshing = new HashSet<>();

  ProducerPartitions(
      Topics topics, ThreadLoop loop, Function<ServerAddress, BrokerSender> senders) {
    this.topics = topics;
    this.loop = loop;
    this.senders = senders;
  }

  /** Takes up the partitions of a topic. */
  void add(TopicSlot slot) {
    slots.add(slot);
    outboxes.addAll(slot.outboxes());
    lead(slot, slot.layout());
  }

  /** The partitions of all topics. */
  List<Outbox> all() {
    return outboxes;
  }

  boolean areEmpty() {
    return outboxes.stream().allMatch(Outbox::isEmpty);
  }

  boolean areSettled() {
    return outboxes.stream().allMatch(Outbox::isSettled);
  }

  /** Asks who leads the topic's partitions now; once at a time. */
  void refresh(String topic) {
    if (refreshing.add(topic)) {
      topics
          .fresh(topic)
          .subscribe(
              layout -> ClientThreads.post(loop, () -> onLayout(layout)),
              error -> ClientThreads.post(loop, () -> onNoLayout(topic, error)));
    }
  }

  /** Partitions of topics that are gone are dropped when their last batch has failed. */
  void forgetGoneTopics() {
    for (Iterator<TopicSlot> each = slots.iterator(); each.hasNext(); ) {
      TopicSlot slot = each.next();
      if (slot.isGone() && slot.outboxes().stream().allMatch(Outbox::isEmpty)) {
        each.remove();
        outboxes.removeAll(slot.outboxes());
      }
    }
  }

  private void onLayout(TopicLayout layout) {
    refreshing.remove(layout.name());
    for (TopicSlot slot : slotsOf(layout.name())) {
      if (slot.layout().id().equals(layout.id())) {
        lead(slot, layout);
      } else {
        slot.markGone();
      }
    }
  }

  private void onNoLayout(String topic, Throwable error) {
    log.debug("no fresh metadata of topic '{}': {}", topic, error.toString());
    refreshing.remove(topic);
    if (error instanceof WeirException weir && weir.code() == ErrorCode.UNKNOWN_TOPIC) {
      slotsOf(topic).forEach(TopicSlot::markGone);
    }
  }

  private List<TopicSlot> slotsOf(String topic) {
    return slots.stream().filter(slot -> slot.layout().name().equals(topic)).toList();
  }

  private void lead(TopicSlot slot, TopicLayout layout) {
    for (Outbox outbox : slot.outboxes()) {
      outbox.moveTo(layout.leaders().get(outbox.target().partition()).map(senders).orElse(null));
    }
  }
}
