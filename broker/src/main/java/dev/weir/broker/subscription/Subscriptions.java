package dev.weir.broker.subscription;

import dev.weir.core.time.Time;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Everybody who reads from this broker now, and how long they have waited for what. Subscriptions
 * do not keep this account themselves, which would cost them something with every message: they are
 * looked at from time to time, and the time since the last look is put down to what they wait for
 * then. Any thread.
 */
public final class Subscriptions {
  private final Time time;
  private final Map<Long, OpenSubscription> open = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final WaitTimes waited = new WaitTimes();
  private final LongAdder conflated = new LongAdder();

  public Subscriptions(Time time) {
    this.time = time;
  }

  /**
   * Announces a subscription; it is there from {@link OpenSubscription#enter} on.
   *
   * @param subscriber its address
   */
  public OpenSubscription announce(String subscriber, String route, String topic) {
    return new OpenSubscription(
        this, lastId.incrementAndGet(), new OpenSubscription.Who(subscriber, route, topic));
  }

  /** Looks at every subscription. Called at even intervals, of a second or so. */
  public void look() {
    open.values().forEach(OpenSubscription::look);
  }

  public int count() {
    return open.size();
  }

  /** Subscriptions that wait for this at the moment. */
  public int waitingFor(WaitCause cause) {
    int waiting = 0;
    for (OpenSubscription subscription : open.values()) {
      if (subscription.waitsFor() == cause) {
        waiting++;
      }
    }
    return waiting;
  }

  /** Time that all subscriptions together, also those that have ended, have spent so. */
  public long nanos(WaitCause cause) {
    return waited.nanos(cause);
  }

  /** Records that all of them, also those that have ended, were passed over. */
  public long conflated() {
    return conflated.sum();
  }

  /**
   * Those with ids above the one given, eldest first.
   *
   * @param topic only of this topic; empty: of any
   */
  public List<OpenSubscription> list(String topic, long afterId, int limit) {
    return open.values().stream()
        .filter(subscription -> subscription.id() > afterId)
        .filter(subscription -> topic.isEmpty() || topic.equals(subscription.who().topic()))
        .sorted(Comparator.comparingLong(OpenSubscription::id))
        .limit(limit)
        .toList();
  }

  long now() {
    return time.nanos();
  }

  void add(OpenSubscription subscription) {
    open.put(subscription.id(), subscription);
  }

  void remove(OpenSubscription subscription) {
    open.remove(subscription.id());
  }

  void countConflated(long records) {
    conflated.add(records);
  }

  void count(WaitCause cause, long nanos) {
    waited.add(cause, nanos);
  }
}
