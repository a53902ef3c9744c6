package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Takes the records of one {@code send} from its publisher: serializes, chooses the partition,
 * appends, on the publisher's thread. Asks for only so many records as fit the memory bound if each
 * were as large as a record may be, so the bound holds whatever comes.
 *
 * <p>Records of a topic that is not known yet, and those after them, are stashed until it is; no
 * more are asked for meanwhile.
 */
final class SendIntake<K, V, C>
    implements CoreSubscriber<ProducerRecord<K, V, C>>, SendResults.Intake {
  private static final int MAX_OUTSTANDING = 256;

  /** What a record costs at most beside key, value and headers. */
  static final long RECORD_FRAMING_BYTES = ProducerBatch.RECORD_OVERHEAD_BYTES + 128;

  private final ProducerParts<K, V> parts;
  private final RecordAppender<K, V, C> appender;
  private final SendResults<C> results;
  private final Context context;
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicInteger asking = new AtomicInteger();
  private final ArrayDeque<ProducerRecord<K, V, C>> stash = new ArrayDeque<>(); // guarded by this
  private @Nullable String awaitedTopic; // guarded by this
  private boolean ended; // the publisher's stream; guarded by this
  private @Nullable Throwable error; // guarded by this
  private long taken; // guarded by this
  private volatile @Nullable Subscription publisher;
  private volatile boolean started;
  private volatile boolean stopped;

  SendIntake(ProducerParts<K, V> parts, SendResults<C> results, Context context) {
    this.parts = parts;
    this.appender = new RecordAppender<>(parts, results);
    this.results = results;
    this.context = context;
  }

  @Override
  public Context currentContext() {
    return context;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (Operators.validate(publisher, subscription)) {
      publisher = subscription;
      if (stopped) {
        subscription.cancel();
      } else {
        askForMore();
      }
    }
  }

  @Override
  public void start() {
    if (!started) {
      started = true;
      askForMore();
    }
  }

  @Override
  public void cancel() {
    stopped = true;
    Subscription subscription = publisher;
    if (subscription != null) {
      subscription.cancel();
    }
    synchronized (this) {
      stash.clear();
    }
  }

  /** Takes no more; the stream of results ends with this error after those taken. Any thread. */
  void stop(WeirException reason) {
    cancel();
    synchronized (this) {
      ended = true;
      results.onIntakeEnd(taken, reason); // the first end counts
    }
  }

  @Override
  public void onNext(ProducerRecord<K, V, C> record) {
    outstanding.decrementAndGet();
    synchronized (this) {
      if (ended || stopped) {
        Operators.onDiscard(record, context);
        return;
      }
      if (!stash.isEmpty() || !take(record)) {
        stash.addLast(record);
      }
    }
    askForMore();
  }

  @Override
  public void onError(Throwable failure) {
    end(failure);
  }

  @Override
  public void onComplete() {
    end(null);
  }

  private synchronized void end(@Nullable Throwable failure) {
    if (ended) {
      if (failure != null) {
        Operators.onErrorDropped(failure, context);
      }
      return;
    }
    ended = true;
    error = failure;
    if (stash.isEmpty()) {
      results.onIntakeEnd(taken, error);
    }
  }

  // ---- demand

  private void askForMore() {
    Subscription subscription = publisher;
    if (!started || subscription == null || asking.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      int more = affordable();
      if (more > 0) {
        outstanding.addAndGet(more);
        subscription.request(more);
      }
      missed = asking.addAndGet(-missed);
    } while (missed != 0);
  }

  /** How many more records to ask for now; refills a half-empty window at once, not one by one. */
  private int affordable() {
    if (stopped || isStashing()) {
      return 0;
    }
    int open = outstanding.get();
    long largest = parts.settings().maxRecordBytes() + RECORD_FRAMING_BYTES;
    long window = Math.min(MAX_OUTSTANDING, parts.budget().room() / largest);
    if (window <= 0 && open == 0) {
      parts.budget().awaitRoom(() -> ClientThreads.post(parts.feed(), this::askForMore));
      return 0;
    }
    long more = window - open;
    return more >= Math.max(1, window / 2) ? (int) more : 0;
  }

  private synchronized boolean isStashing() {
    return !stash.isEmpty();
  }

  // ---- records

  /** False when the record's topic has to be looked up first. */
  private boolean take(ProducerRecord<K, V, C> record) {
    TopicSlot slot = parts.topics().ready(record.topic());
    if (slot == null) {
      find(record.topic());
      return false;
    }
    taken++;
    appender.append(slot, record);
    return true;
  }

  // ---- topics

  private void find(String topic) {
    if (topic.equals(awaitedTopic)) {
      return;
    }
    awaitedTopic = topic;
    parts
        .topics()
        .find(topic)
        .subscribe(
            slot -> ClientThreads.post(parts.feed(), this::unstash),
            failure -> ClientThreads.post(parts.feed(), () -> onNoTopic(topic, failure)));
  }

  private void unstash() {
    synchronized (this) {
      awaitedTopic = null;
      while (!stash.isEmpty() && take(stash.getFirst())) {
        stash.removeFirst();
      }
      if (ended && stash.isEmpty()) {
        results.onIntakeEnd(taken, error);
      }
    }
    askForMore();
  }

  private void onNoTopic(String topic, Throwable failure) {
    WeirException reason =
        failure instanceof WeirException weir
            ? weir
            : new WeirException(
                ErrorCode.INTERNAL,
                "topic '" + topic + "' cannot be looked up: " + failure,
                failure);
    if (endsTheStream(reason.code())) {
      stop(reason);
      return;
    }
    synchronized (this) {
      while (!stash.isEmpty() && stash.getFirst().topic().equals(topic)) {
        taken++;
        appender.fail(stash.removeFirst(), reason);
      }
    }
    unstash();
  }

  /** Whether no record can be sent, rather than none to this topic. */
  private boolean endsTheStream(ErrorCode code) {
    return switch (code) {
      case CLOSED, UNAUTHENTICATED -> true;
      case BROKER_UNAVAILABLE -> !parts.reached().getAsBoolean();
      default -> false;
    };
  }
}
