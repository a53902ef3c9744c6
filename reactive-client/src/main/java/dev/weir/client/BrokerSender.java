package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.time.Time;
import dev.weir.transport.rsocket.ClientConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One producer's way to one broker: connects when there is something to send, lets partitions take
 * turns while the broker gives credit, hands answers to their partitions. When the wire is lost it
 * tells them and tries again after a pause; when the broker ended it in order, at once. Owned by
 * the producer's loop.
 */
final class BrokerSender {
  private static final Duration POLL = Duration.ofMillis(1);

  private enum State {
    /** No wire; one is made when something is to be sent. */
    IDLE,
    CONNECTING,
    OPEN,
    /** After a failure. */
    PAUSED,
    CLOSED
  }

  /** A batch that was sent and is not answered. */
  private record Unanswered(Outbox outbox, ProducerBatch batch) {}

  private final ThreadLoop loop;
  private final Time time;
  private final Supplier<Mono<ClientConnection>> connections;
  private final BiFunction<ClientConnection, BatchWire.Listener, BatchWire> wires;
  private final Backoff backoff;
  private final ArrayDeque<Outbox> ready = new ArrayDeque<>();
  private final Map<Long, Unanswered> unanswered = new LinkedHashMap<>(); // oldest first
  private State state = State.IDLE;
  private @Nullable BatchWire wire;
  private @Nullable WeirException lastFailure;
  private int generation;
  private long nextCorrelationId = 1;
  private boolean polling;
  private boolean wireAnswered; // the wire that is open, at least once
  private long roomNanos; // when the open wire had room, or nothing waited for it

  BrokerSender(
      ThreadLoop loop,
      Time time,
      Supplier<Mono<ClientConnection>> connections,
      BiFunction<ClientConnection, BatchWire.Listener, BatchWire> wires,
      Backoff backoff) {
    this.loop = loop;
    this.time = time;
    this.connections = connections;
    this.wires = wires;
    this.backoff = backoff;
  }

  /** The partition has, or may have, something to send. */
  void offer(Outbox outbox) {
    loop.assertInLoop();
    if (outbox.markOffered()) {
      ready.addLast(outbox);
    }
    pump();
  }

  /** Why the broker cannot be reached now, or null. */
  @Nullable WeirException lastFailure() {
    return lastFailure;
  }

  /** Its answer is not waited for any longer. */
  void forget(ProducerBatch batch) {
    unanswered.remove(batch.progress.correlationId);
  }

  /** Gives up a wire whose oldest batch was sent, or that last had room, before this time. */
  void expireBefore(long nanos) {
    if (wire != null && (wire.hasRoom() || ready.stream().allMatch(Outbox::isEmpty))) {
      roomNanos = time.nanos();
    }
    if (wire != null && roomNanos - nanos < 0) {
      onLost(
          generation,
          new WeirException(ErrorCode.TIMED_OUT, "the broker asked for no batch too long"));
    }
    if (wire != null && !unanswered.isEmpty()) {
      ProducerBatch oldest = unanswered.values().iterator().next().batch();
      if (oldest.progress.sentNanos - nanos < 0) {
        BatchWire silent = wire;
        onLost(
            generation,
            new WeirException(ErrorCode.TIMED_OUT, "the broker left a batch unanswered too long"));
        silent.giveUp();
      }
    }
  }

  void close() {
    state = State.CLOSED;
    generation++;
    if (wire != null) {
      wire.close();
      wire = null;
    }
  }

  private void pump() {
    if (state == State.IDLE && !ready.isEmpty()) {
      connect();
    }
    BatchWire open = wire;
    while (open != null && open == wire && !ready.isEmpty() && open.hasRoom()) {
      Outbox outbox = ready.removeFirst();
      outbox.clearOffered();
      if (!outbox.goesThrough(this)) {
        outbox.offer(); // its leader has moved
        continue;
      }
      ProducerBatch batch = outbox.next();
      if (batch != null) {
        send(open, outbox, batch);
        if (outbox.markOffered()) {
          ready.addLast(outbox);
        }
      }
    }
    if (wire != null && !ready.isEmpty() && wire.mustBePolled() && !polling) {
      polling = true;
      loop.schedule(
          POLL,
          () -> {
            polling = false;
            pump();
          });
    }
  }

  private void send(BatchWire open, Outbox outbox, ProducerBatch batch) {
    long correlationId = nextCorrelationId++;
    batch.progress.correlationId = correlationId;
    batch.progress.sentNanos = time.nanos();
    roomNanos = batch.progress.sentNanos;
    unanswered.put(correlationId, new Unanswered(outbox, batch));
    open.send(correlationId, outbox.header(correlationId), batch.bytes());
  }

  private void connect() {
    state = State.CONNECTING;
    int attempt = ++generation;
    connections
        .get()
        .subscribe(
            connection -> ClientThreads.post(loop, () -> onConnected(attempt, connection)),
            error -> ClientThreads.post(loop, () -> onLost(attempt, error)));
  }

  private void onConnected(int attempt, ClientConnection connection) {
    if (attempt != generation || state != State.CONNECTING) {
      return;
    }
    state = State.OPEN;
    wireAnswered = false;
    roomNanos = time.nanos();
    wire = wires.apply(connection, new Replies(attempt));
    pump();
  }

  private void onAnswer(int attempt, long correlationId, int error, String message, long offset) {
    if (attempt != generation) {
      return; // the batch counts as lost already and is repeated
    }
    Unanswered answered = unanswered.remove(correlationId);
    if (answered == null) {
      return; // expired meanwhile
    }
    wireAnswered = true;
    backoff.reset();
    lastFailure = null;
    if (error == 0) {
      answered.outbox().onStored(answered.batch(), offset);
    } else {
      answered.outbox().onError(answered.batch(), Topics.errorOf(error, message));
    }
    answered.outbox().offer();
  }

  /** One that was of use is replaced at once; a broker that ends each at once is going down. */
  private void onRotated(int attempt) {
    WeirException ended =
        new WeirException(ErrorCode.CONNECTION_LOST, "the broker ended the produce channel");
    if (attempt != generation || state != State.OPEN || !wireAnswered) {
      onLost(attempt, ended);
      return;
    }
    state = State.IDLE;
    leaveWire(ended);
    pump();
  }

  private void onLost(int attempt, Throwable reason) {
    if (attempt != generation || state == State.CLOSED || state == State.PAUSED) {
      return;
    }
    state = State.PAUSED;
    WeirException failure = asWeir(reason);
    lastFailure = failure;
    ready.forEach(Outbox::onUnreachable);
    leaveWire(failure);
    loop.schedule(
        backoff.next(),
        () -> {
          if (state == State.PAUSED) {
            state = State.IDLE;
            pump();
          }
        });
  }

  /** What is unanswered goes back to its partitions, to be sent again. */
  private void leaveWire(WeirException failure) {
    generation++;
    if (wire != null) {
      wire.close();
      wire = null;
    }
    List<Unanswered> lost = new ArrayList<>(unanswered.values());
    unanswered.clear();
    for (Unanswered each : lost) {
      each.outbox().onLost(each.batch(), failure);
    }
    lost.forEach(each -> each.outbox().offer());
  }

  private static WeirException asWeir(Throwable reason) {
    if (!(reason instanceof WeirException weir)) {
      return new WeirException(ErrorCode.CONNECTION_LOST, "connection lost: " + reason, reason);
    }
    return switch (weir.code()) {
      case UNAUTHENTICATED, UNAUTHORIZED, UNKNOWN_ROUTE, INVALID_REQUEST, CLOSED -> weir;
      // Whatever else ended the channel: what was unanswered may be stored, repeating is safe.
      default ->
          new WeirException(ErrorCode.CONNECTION_LOST, String.valueOf(weir.getMessage()), weir);
    };
  }

  /** Brings answers into the loop, remembering which wire they belong to. */
  private final class Replies implements BatchWire.Listener {
    private final int attempt;

    Replies(int attempt) {
      this.attempt = attempt;
    }

    @Override
    public void onAnswer(long correlationId, int error, String message, long baseOffset) {
      ClientThreads.post(
          loop,
          () -> BrokerSender.this.onAnswer(attempt, correlationId, error, message, baseOffset));
    }

    @Override
    public void onRoom() {
      ClientThreads.post(loop, BrokerSender.this::pump);
    }

    @Override
    public void onRotated() {
      ClientThreads.post(loop, () -> BrokerSender.this.onRotated(attempt));
    }

    @Override
    public void onLost(Throwable reason) {
      ClientThreads.post(loop, () -> BrokerSender.this.onLost(attempt, reason));
    }
  }
}
