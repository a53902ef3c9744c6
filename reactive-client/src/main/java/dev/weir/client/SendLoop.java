package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.protocol.Acks;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Where the partitions of one producer meet: the producer's id, the senders by broker, the clock
 * that ends what is past its deadline. Everything here runs in the producer's loop.
 */
final class SendLoop implements OutboxContext {
  private static final Logger log = LoggerFactory.getLogger(SendLoop.class);
  private static final Duration MAX_TICK = Duration.ofMillis(100);

  private final Cluster cluster;
  private final ThreadLoop loop;
  private final ProducerSettings<?, ?> settings;
  private final BatchSource source;
  private final SplittableRandom random = new SplittableRandom();
  private final Backoff refusals = new Backoff(random.split());
  private final ProducerIdentity identity = new ProducerIdentity();
  private final ThrottleGauge throttles = new ThrottleGauge();
  private final Map<ServerAddress, BrokerSender> senders = new HashMap<>();
  private final ProducerPartitions partitions;
  private final Sinks.Empty<Void> drained = Sinks.empty();
  private boolean ticking;
  private boolean closing;

  SendLoop(Cluster cluster, ThreadLoop loop, ProducerSettings<?, ?> settings, BatchSource source) {
    this.cluster = cluster;
    this.loop = loop;
    this.settings = settings;
    this.source = source;
    this.partitions = new ProducerPartitions(cluster.topics(), loop, this::senderTo);
  }

  ThreadLoop loop() {
    return loop;
  }

  /** Any thread. */
  Throttling throttling() {
    return throttles.now();
  }

  /**
   * A queue and its outbox for one partition, to be registered with {@link #register}. Any thread.
   */
  Outbox newOutbox(PartitionTarget target) {
    Outbox[] self = new Outbox[1];
    PartitionQueue queue =
        new PartitionQueue(target, source, () -> ClientThreads.post(loop, () -> onReady(self[0])));
    self[0] = new Outbox(target, queue, this);
    return self[0];
  }

  /** Takes up the partitions of a topic with their leaders. Any thread. */
  void register(TopicSlot slot) {
    ClientThreads.post(loop, () -> partitions.add(slot));
  }

  /**
   * Completes when all that was taken is resolved; then the producer is of no more use. Any thread.
   */
  Mono<Void> close() {
    boolean posted =
        ClientThreads.post(
            loop,
            () -> {
              closing = true;
              partitions.all().forEach(Outbox::offer);
              endIfDrained();
            });
    if (!posted) {
      drained.tryEmitEmpty(); // the client is closed, nothing is under way any more
    }
    return drained.asMono();
  }

  private void onReady(Outbox outbox) {
    outbox.queue().clearSignal();
    startTicking();
    askForIdentityIfNeeded();
    outbox.offer();
  }

  private BrokerSender senderTo(ServerAddress leader) {
    return senders.computeIfAbsent(leader, this::newSender);
  }

  private BrokerSender newSender(ServerAddress leader) {
    return new BrokerSender(
        loop,
        cluster.time(),
        () -> cluster.links().to(leader),
        settings.acks() == dev.weir.client.Acks.NONE
            ? FireAndForgetWire::open
            : (connection, listener) -> ProduceChannel.open(connection, throttles, listener),
        new Backoff(random.split()));
  }

  // ---- the producer's id

  private void askForIdentityIfNeeded() {
    if (!idempotent() || !identity.shouldAsk() || !partitions.areSettled()) {
      return;
    }
    identity
        .ask(cluster.requests())
        .subscribe(
            id -> ClientThreads.post(loop, () -> onIdentity(id)),
            error -> ClientThreads.post(loop, () -> onNoIdentity(error)));
  }

  private void onIdentity(ProducerIdentity.Id id) {
    identity.onAnswer(id);
    for (Outbox outbox : partitions.all()) {
      outbox.restart(id);
    }
    partitions.all().forEach(Outbox::offer);
  }

  private void onNoIdentity(Throwable error) {
    log.debug("no producer id: {}", error.toString());
    identity.onFailure();
    callLater(Duration.ofNanos(pauseNanos()), this::askForIdentityIfNeeded);
  }

  // ---- deadlines

  private void startTicking() {
    if (!ticking) {
      ticking = true;
      callLater(tickInterval(), this::tick);
    }
  }

  private void tick() {
    ticking = false;
    long now = nanos();
    for (BrokerSender sender : senders.values()) {
      sender.expireBefore(now - cluster.settings().requestTimeout().toNanos());
    }
    boolean pending = false;
    for (Outbox outbox : partitions.all()) {
      outbox.expire(now);
      if (!outbox.isEmpty()) {
        pending = true;
        outbox.offerOrRefresh();
      }
    }
    partitions.forgetGoneTopics();
    askForIdentityIfNeeded();
    endIfDrained();
    if (pending) {
      startTicking();
    }
  }

  private Duration tickInterval() {
    Duration fraction = cluster.settings().deliveryTimeout().dividedBy(10);
    return fraction.compareTo(MAX_TICK) < 0 ? fraction : MAX_TICK;
  }

  private void endIfDrained() {
    if (closing && partitions.areEmpty()) {
      senders.values().forEach(BrokerSender::close);
      drained.tryEmitEmpty();
    }
  }

  // ---- what outboxes ask for

  @Override
  public Acks acks() {
    return switch (settings.acks()) {
      case ALL -> Acks.ACKS_ALL;
      case LEADER -> Acks.ACKS_LEADER;
      case NONE -> Acks.ACKS_NONE;
    };
  }

  @Override
  public boolean idempotent() {
    return settings.acks() != dev.weir.client.Acks.NONE;
  }

  @Override
  public ProducerIdentity.@Nullable Id producerId() {
    return identity.current();
  }

  @Override
  public ProducerIdentity.@Nullable Id lastProducerId() {
    return identity.last();
  }

  @Override
  public void renewProducerId() {
    identity.want();
    loop.execute(this::askForIdentityIfNeeded);
  }

  @Override
  public void resolve(ProducerBatch batch, long baseOffset, @Nullable WeirException error) {
    source.release(batch);
    batch.resolve(baseOffset, error);
    if (closing || identity.shouldAsk()) {
      loop.execute(
          () -> {
            askForIdentityIfNeeded();
            endIfDrained();
          });
    }
  }

  @Override
  public void refreshLeader(PartitionTarget target) {
    partitions.refresh(target.topic());
  }

  @Override
  public boolean flushing() {
    return closing;
  }

  @Override
  public long nanos() {
    return cluster.time().nanos();
  }

  @Override
  public long lingerNanos() {
    return settings.linger().toNanos();
  }

  @Override
  public long deliveryNanos() {
    return cluster.settings().deliveryTimeout().toNanos();
  }

  @Override
  public long pauseNanos() {
    long pause = refusals.next().toNanos();
    refusals.reset();
    return pause;
  }

  @Override
  public void callLater(Duration delay, Runnable task) {
    loop.schedule(delay, task);
  }

  /** The error for what comes after the end. */
  static WeirException closed() {
    return new WeirException(ErrorCode.CLOSED, "the producer is closed");
  }
}
