package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The topics one producer has sent to. Any thread. */
final class ProducerTopics {
  private final Topics topics;
  private final SendLoop sendLoop;
  private final int stickyBytes;
  private final Map<String, TopicSlot> ready = new ConcurrentHashMap<>();
  private final Map<String, Mono<TopicSlot>> pending = new ConcurrentHashMap<>();

  ProducerTopics(Topics topics, SendLoop sendLoop, int stickyBytes) {
    this.topics = topics;
    this.sendLoop = sendLoop;
    this.stickyBytes = stickyBytes;
  }

  /** The topic, or null when it has to be looked up first. */
  @Nullable TopicSlot ready(String topic) {
    TopicSlot slot = ready.get(topic);
    return slot == null || slot.isGone() ? null : slot;
  }

  /** Looks the topic up; those who wait at the same time share one slot. */
  Mono<TopicSlot> find(String topic) {
    return Mono.defer(() -> pending.computeIfAbsent(topic, this::open));
  }

  private Mono<TopicSlot> open(String topic) {
    return topics
        .fresh(topic)
        .map(this::slot)
        .doOnNext(slot -> ready.put(topic, slot))
        .doFinally(signal -> pending.remove(topic))
        .cache();
  }

  private TopicSlot slot(TopicLayout layout) {
    if (layout.partitionCount() == 0) {
      throw new WeirException(
          ErrorCode.UNKNOWN_PARTITION, "topic '" + layout.name() + "' has no partitions");
    }
    List<Outbox> outboxes = new ArrayList<>();
    for (int partition = 0; partition < layout.partitionCount(); partition++) {
      outboxes.add(sendLoop.newOutbox(layout.target(partition)));
    }
    TopicSlot slot =
        new TopicSlot(
            layout,
            List.copyOf(outboxes),
            new StickyPartition(layout.partitionCount(), stickyBytes));
    sendLoop.register(slot);
    return slot;
  }
}
