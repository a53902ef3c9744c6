package dev.weir.client;

import dev.weir.core.time.Time;
import dev.weir.transport.rsocket.TransportResources;
import reactor.core.publisher.Mono;

/** What producers, consumers and admin of one client share. Made and closed by the client. */
record Cluster(
    ClientSettings settings,
    ClientThreads threads,
    BrokerLinks links,
    Requests requests,
    Topics topics,
    Time time) {

  /** Parts that have not connected yet; their threads run. */
  static Cluster create(ClientSettings settings, TransportResources resources) {
    Time time = Time.system();
    ClientThreads threads = new ClientThreads();
    BrokerLinks links = new BrokerLinks(settings, resources, time);
    Requests requests = new Requests(settings, threads, links, time);
    return new Cluster(settings, threads, links, requests, new Topics(requests), time);
  }

  /** Closes the connections, then the threads. */
  Mono<Void> close() {
    return Mono.defer(links::close).doFinally(signal -> threads.close());
  }
}
