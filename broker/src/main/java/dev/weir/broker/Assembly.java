package dev.weir.broker;

import dev.weir.broker.control.ControlRoutes;
import dev.weir.broker.fetch.FetchHandler;
import dev.weir.broker.group.GroupCoordinators;
import dev.weir.broker.group.GroupRoutes;
import dev.weir.broker.http.FlushTimes;
import dev.weir.broker.http.HttpListener;
import dev.weir.broker.http.HttpSettings;
import dev.weir.broker.http.MeterSources;
import dev.weir.broker.http.Metrics;
import dev.weir.broker.http.Origins;
import dev.weir.broker.http.StatusPage;
import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.partition.CleaningCounters;
import dev.weir.broker.partition.DiskTroubles;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.partition.Leftovers;
import dev.weir.broker.partition.PartitionLoops;
import dev.weir.broker.partition.PartitionOpener;
import dev.weir.broker.produce.ProduceHandler;
import dev.weir.broker.record.TopicRoutes;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RequestAcceptor;
import dev.weir.broker.route.RouteHandler;
import dev.weir.broker.route.RouteTable;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.route.Routes;
import dev.weir.core.time.Time;
import dev.weir.metadata.FileMetadataStore;
import dev.weir.metadata.MetadataCommand.RegisterBroker;
import dev.weir.metadata.MetadataResult;
import dev.weir.metadata.MetadataStore;
import dev.weir.storage.CleaningLimits;
import dev.weir.storage.IoPace;
import dev.weir.storage.RetentionClock;
import dev.weir.storage.disk.ChannelLogFiles;
import dev.weir.storage.disk.LogFiles;
import dev.weir.transport.rsocket.RSocketServer;
import dev.weir.transport.rsocket.ServerSettings;
import dev.weir.transport.rsocket.SharedLimits;
import dev.weir.transport.rsocket.StrangerSettings;
import dev.weir.transport.rsocket.TransportResources;
import dev.weir.transport.rsocket.TransportSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the parts of a broker are put together: the only class that knows them all. Runs once, on the
 * starting thread; HTTP is brought up beside it, because most of its time is class loading.
 */
final class Assembly {
  /** A cluster of one: its broker has this id. */
  private static final int BROKER_ID = 1;

  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

  private final BrokerSettings settings;
  private final Opened opened;
  private final Draining draining = new Draining();
  private final AppendCounters appends = new AppendCounters();
  private final DiskTroubles troubles = new DiskTroubles(Time.system());
  private final FlushTimes flushes = new FlushTimes();
  private final Subscriptions subscriptions = new Subscriptions(Time.system());
  private final IoPace cleanerPace;
  private final CleaningCounters cleanings;
  private volatile @Nullable RSocketServer listening;

  Assembly(BrokerSettings settings, Opened opened) {
    this.settings = settings;
    this.opened = opened;
    this.cleanerPace = new IoPace(settings.cleaner().ioMaxBytesPerSecond(), Time.system());
    this.cleanings = new CleaningCounters(Time.system(), cleanerPace);
  }

  /** What the running broker needs of its parts. */
  record Parts(
      Draining draining, HostedPartitions partitions, HttpListener http, RSocketServer rsocket) {}

  Parts assemble() throws IOException {
    DirectMemory.of(settings).requireWithin(TransportResources.directLimitBytes());
    LogFiles files = new ChannelLogFiles(settings.limits().openFiles());
    DataDirectory dataDir = opened.add(DataDirectory.take(settings.dataDir(), files));
    BrokerThreads threads = new BrokerThreads(settings.threads(), settings.cleaner().threads());
    opened.add(threads::stop);
    CompletableFuture<TransportResources> network =
        CompletableFuture.supplyAsync(() -> network(threads), BrokerThreads::start);
    opened.add(() -> ifStarted(network, resources -> resources.close().block(CLOSE_DEADLINE)));

    MetadataStore store = opened.add(FileMetadataStore.open(dataDir.path()));
    register(store);
    HostedPartitions partitions = openPartitions(dataDir, files, threads, store);
    RetentionClock clock =
        RetentionClock.open(files, dataDir.path().resolve("retention-clock"), Time.system());
    Housekeeping housekeeping =
        opened.add(
            Housekeeping.start(
                partitions, subscriptions, clock, settings.retentionCheckInterval()));
    GroupCoordinators groups =
        new GroupCoordinators(
            store,
            partitions,
            settings.limits().partitions(),
            BROKER_ID,
            settings.groups(),
            threads.read());
    groups.start();
    housekeeping.expireOffsets(groups, settings.retentionCheckInterval());
    housekeeping.compact(cleaners(threads), cleanings, settings.cleaner().backoff());

    RequestAcceptor acceptor =
        new RequestAcceptor(
            settings.limits().inboundBytes(), settings.limits().connectionInboundBytes());
    acceptor.open(routes(store, partitions, groups, threads));
    CompletableFuture<HttpListener> http =
        network.thenApplyAsync(
            resources -> startHttp(resources, partitions, groups), BrokerThreads::start);
    opened.add(() -> ifStarted(http, HttpListener::stop));
    RSocketServer rsocket = startRSocket(network.join(), acceptor);
    listening = rsocket;
    return new Parts(draining, partitions, http.join(), rsocket);
  }

  private CompactionRounds.Cleaners cleaners(BrokerThreads threads) {
    CleanerSettings cleaner = settings.cleaner();
    return new CompactionRounds.Cleaners(
        threads.clean(),
        cleaner.threads(),
        new CleaningLimits(cleaner.dedupeBufferBytesEach(), cleanerPace));
  }

  private TransportResources network(BrokerThreads threads) {
    return TransportResources.forServer(
        settings.threads().io(),
        threads.read(),
        new SharedLimits(
            settings.limits().queuedBytes(),
            settings.limits().queuedMemoryBytes(),
            settings.limits().partialBytes(),
            settings.clients().strangers() * SharedLimits.FREE_BYTES,
            settings.clients().streams()));
  }

  /**
   * Raises this broker's epoch and those of the partitions it leads, durably, before any append.
   */
  private void register(MetadataStore store) {
    MetadataResult result =
        store
            .submit(
                new RegisterBroker(
                    BROKER_ID,
                    UUID.randomUUID(),
                    settings.listeners().host(),
                    settings.listeners().port()))
            .toCompletableFuture()
            .join();
    if (!(result instanceof MetadataResult.Applied)) {
      throw new WeirException(ErrorCode.INTERNAL, "the broker could not register: " + result);
    }
  }

  private HostedPartitions openPartitions(
      DataDirectory dataDir, LogFiles files, BrokerThreads threads, MetadataStore store) {
    PartitionOpener opener =
        new PartitionOpener(
            dataDir.path(),
            files,
            Time.system(),
            new PartitionOpener.Executors(
                new PartitionLoops(threads.partitionLoops()),
                threads.recovery(),
                flushes.measuring(threads.flush(), Time.system())),
            new PartitionOpener.Observers(appends, troubles));
    HostedPartitions partitions = new HostedPartitions(opener, settings.topicDefaults());
    opened.add(
        () ->
            partitions
                .close()
                .toCompletableFuture()
                .get(CLOSE_DEADLINE.toSeconds(), TimeUnit.SECONDS));
    CompletableFuture.runAsync(
            () -> Leftovers.tidy(files, dataDir.path(), store.images().current()),
            threads.recovery())
        .join();
    partitions.follow(store.images().current());
    partitions.whenAllOpen().toCompletableFuture().join();
    store.images().listen(partitions::follow);
    return partitions;
  }

  private RouteTable routes(
      MetadataStore store,
      HostedPartitions partitions,
      GroupCoordinators groups,
      BrokerThreads threads) {
    ControlRoutes.Self self = new ControlRoutes.Self(BROKER_ID, this::advertisedAddress);
    Map<String, RouteHandler> exact =
        ControlRoutes.table(
            store,
            new ControlRoutes.Served(partitions, subscriptions),
            threads.read(),
            new ControlRoutes.TopicRules(settings.topicDefaults(), settings.limits().partitions()),
            self);
    exact.putAll(GroupRoutes.table(groups, store.images(), partitions, self, draining));
    exact.put(Routes.PRODUCE, new ProduceHandler(partitions, appends, draining));
    exact.put(
        Routes.FETCH,
        new FetchHandler(
            partitions, subscriptions, threads.read(), settings.limits().streamCredits()));
    TopicRoutes topics = new TopicRoutes(store.images(), partitions);
    return new RouteTable(
        exact,
        topics.produce(appends, draining),
        topics.subscribe(
            subscriptions,
            threads.read(),
            settings.limits().subscribeBytes(),
            settings.limits().streamCredits()));
  }

  private RSocketServer startRSocket(TransportResources resources, RequestAcceptor acceptor) {
    ClientLimitSettings clients = settings.clients();
    StrangerSettings strangers =
        StrangerSettings.defaults().withMost(clients.strangers(), clients.strangersPerAddress());
    ServerSettings listener =
        ServerSettings.at(settings.listeners().host(), settings.listeners().port())
            .withConnection(
                TransportSettings.defaults()
                    .withMaxFrameBytes(settings.limits().frameBytes())
                    .withStallTimeout(clients.stallTimeout()))
            .withMost(clients.connections(), clients.connectionStreams())
            .withStrangers(strangers);
    RSocketServer server =
        Objects.requireNonNull(RSocketServer.start(listener, resources, acceptor).block());
    opened.add(() -> server.close().block(CLOSE_DEADLINE));
    return server;
  }

  private HttpListener startHttp(
      TransportResources resources, HostedPartitions partitions, GroupCoordinators groups) {
    MeterSources sources =
        new MeterSources(
            appends,
            troubles,
            resources.counters(),
            flushes,
            subscriptions,
            cleanings,
            groups.counters(),
            this::connections,
            partitions::count,
            resources::queuedBytes,
            resources::heldBytes,
            resources::directBytes,
            groups::stateBytes);
    return HttpListener.start(
        http(),
        resources,
        new HttpListener.Pages(
            () -> listening != null && !draining.hasBegun(),
            troubles::lines,
            new Metrics(sources),
            new StatusPage(sources, Time.system())),
        () -> {
          @Nullable RSocketServer server = listening;
          return server == null ? null : server.webSocketHandler();
        });
  }

  private HttpSettings http() {
    ListenerSettings listeners = settings.listeners();
    return new HttpSettings(
        listeners.host(),
        listeners.httpPort(),
        new Origins(
            listeners.origins(), Set.of(listeners.host(), listeners.advertisedHost(), "localhost")),
        settings.limits().frameBytes(),
        settings.clients().strangers(),
        settings.clients().strangersPerAddress());
  }

  /** Waits for a part that is being started; one that failed has told so already. */
  private static <T> void ifStarted(CompletableFuture<T> part, Consumer<T> close) {
    part.handle(
            (started, failure) -> {
              if (failure == null) {
                close.accept(started);
              }
              return null;
            })
        .join();
  }

  private int connections() {
    @Nullable RSocketServer server = listening;
    return server == null ? 0 : server.connections();
  }

  private InetSocketAddress advertisedAddress() {
    ListenerSettings listeners = settings.listeners();
    String host =
        listeners.advertisedHost().isEmpty() ? listeners.host() : listeners.advertisedHost();
    @Nullable RSocketServer server = listening;
    int port = server == null ? listeners.port() : server.address().getPort();
    return InetSocketAddress.createUnresolved(host, port);
  }
}
