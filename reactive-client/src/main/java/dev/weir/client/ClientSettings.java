package dev.weir.client;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * What a {@link WeirClient} needs to know.
 *
 * @param servers brokers to ask first, in this order; one that answers tells of the others
 * @param clientId how the client names itself to brokers; for people who read logs
 * @param connectTimeout how long a client that never reached a broker keeps trying before calls
 *     fail with BROKER_UNAVAILABLE; too short fails while a broker starts
 * @param deliveryTimeout how long a record, a request or a subscription may take, reconnects and
 *     retries included, once a broker was reached; shorter than a restart turns restarts into
 *     errors
 * @param requestTimeout how long one attempt may stay unanswered before its connection is given up
 *     and the attempt is repeated; too short repeats what was merely slow
 */
public record ClientSettings(
    List<ServerAddress> servers,
    String clientId,
    Duration connectTimeout,
    Duration deliveryTimeout,
    Duration requestTimeout) {

  public ClientSettings {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("at least one server is needed");
    }
    requirePositive("connectTimeout", connectTimeout);
    requirePositive("deliveryTimeout", deliveryTimeout);
    requirePositive("requestTimeout", requestTimeout);
  }

  /**
   * Defaults for a comma-separated list of {@code HOST:PORT}.
   *
   * @throws IllegalArgumentException the list is empty or an address cannot be read
   */
  public static ClientSettings of(String servers) {
    return of(
        Arrays.stream(servers.split(","))
            .filter(server -> !server.isBlank())
            .map(ServerAddress::parse)
            .toList());
  }

  /** Defaults: 5 s to connect, 120 s to deliver, 30 s per attempt. */
  public static ClientSettings of(List<ServerAddress> servers) {
    return new ClientSettings(
        servers,
        "weir-client",
        Duration.ofSeconds(5),
        Duration.ofMinutes(2),
        Duration.ofSeconds(30));
  }

  public ClientSettings withClientId(String id) {
    return new ClientSettings(servers, id, connectTimeout, deliveryTimeout, requestTimeout);
  }

  public ClientSettings withConnectTimeout(Duration timeout) {
    return new ClientSettings(servers, clientId, timeout, deliveryTimeout, requestTimeout);
  }

  public ClientSettings withDeliveryTimeout(Duration timeout) {
    return new ClientSettings(servers, clientId, connectTimeout, timeout, requestTimeout);
  }

  public ClientSettings withRequestTimeout(Duration timeout) {
    return new ClientSettings(servers, clientId, connectTimeout, deliveryTimeout, timeout);
  }

  private static void requirePositive(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " must be positive, not " + duration);
    }
  }
}
