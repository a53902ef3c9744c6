package dev.weir.client;

import dev.weir.core.time.Time;
import dev.weir.transport.rsocket.ClientConnection;
import dev.weir.transport.rsocket.TransportResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The connections of one client, by broker. Any thread. */
final class BrokerLinks {
  private static final Duration MIN_CONNECT_TIMEOUT = Duration.ofSeconds(1);

  private final ClientSettings settings;
  private final TransportResources resources;
  private final Time time;
  private final Map<ServerAddress, BrokerLink> links = new ConcurrentHashMap<>();
  private volatile boolean reached;
  private volatile boolean closed;

  BrokerLinks(ClientSettings settings, TransportResources resources, Time time) {
    this.settings = settings;
    this.resources = resources;
    this.time = time;
  }

  /** Whether any broker ever answered; a connection alone may be to anything that listens. */
  boolean reached() {
    return reached;
  }

  /** A broker has answered. */
  void onAnswer() {
    if (!reached) {
      reached = true;
    }
  }

  /** The connection to this broker; BROKER_UNAVAILABLE when one attempt fails. */
  Mono<ClientConnection> to(ServerAddress address) {
    if (closed) {
      return Mono.error(ClientThreads.clientClosed());
    }
    return links.computeIfAbsent(address, this::link).connection();
  }

  /** A connection to any broker: one that is open, else the first that can be reached. */
  Mono<ClientConnection> any() {
    return Mono.defer(
        () -> {
          for (BrokerLink link : links.values()) {
            if (link.isOpen()) {
              return link.connection();
            }
          }
          Set<ServerAddress> candidates = new LinkedHashSet<>(settings.servers());
          candidates.addAll(links.keySet());
          return firstOf(new ArrayList<>(candidates), 0);
        });
  }

  boolean isClosed() {
    return closed;
  }

  /** Closes all of them; completes when they are. */
  Mono<Void> close() {
    closed = true;
    return Flux.fromIterable(List.copyOf(links.values())).flatMap(BrokerLink::close).then();
  }

  private Mono<ClientConnection> firstOf(List<ServerAddress> candidates, int index) {
    Mono<ClientConnection> attempt = to(candidates.get(index));
    return index + 1 == candidates.size()
        ? attempt
        : attempt.onErrorResume(error -> firstOf(candidates, index + 1));
  }

  /** So that a server that does not answer leaves time for the others. */
  private Duration timeoutPerServer() {
    Duration share = settings.connectTimeout().dividedBy(settings.servers().size());
    return share.compareTo(MIN_CONNECT_TIMEOUT) > 0 ? share : MIN_CONNECT_TIMEOUT;
  }

  private BrokerLink link(ServerAddress address) {
    return new BrokerLink(address, () -> connect(address), time);
  }

  private Mono<ClientConnection> connect(ServerAddress address) {
    dev.weir.transport.rsocket.ClientSettings defaults =
        dev.weir.transport.rsocket.ClientSettings.defaults();
    return ClientConnection.connect(
        resources,
        address.host(),
        address.port(),
        new dev.weir.transport.rsocket.ClientSettings(
            timeoutPerServer(), defaults.dataMimeType(), defaults.connection()));
  }
}
