package dev.weir.broker.cli;

import dev.weir.client.ClientSettings;
import dev.weir.client.ServerAddress;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import picocli.CommandLine.TypeConversionException;
import reactor.core.publisher.Mono;

/** The options every command has that talks to a broker, and the client they make. */
final class ClientOptions {
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(2);

  @Spec(Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT[,HOST:PORT]",
      description = "brokers to ask first; default: $WEIR_SERVER or 127.0.0.1:9800",
      converter = Servers.class)
  private @Nullable List<ServerAddress> servers;

  /** A client of the servers named; whoever opens it hands it to {@link #close}. */
  WeirClient open() {
    return WeirClient.create(ClientSettings.of(addresses()).withClientId("weir-cli"));
  }

  /** Does one thing with a client of its own. */
  <T> @Nullable T call(Request<T> request) {
    WeirClient client = open();
    try {
      return request.of(client).block();
    } finally {
      close(client);
    }
  }

  /** Closes without letting the process wait for what no longer matters. */
  static void close(WeirClient client) {
    client.close().onErrorComplete().timeout(CLOSE_DEADLINE, Mono.empty()).block();
  }

  /**
   * The topic, before anything is sent or read.
   *
   * @throws dev.weir.core.error.WeirException UNKNOWN_TOPIC, BROKER_UNAVAILABLE
   * @throws CommandFailure the topic has no such partition
   */
  static TopicDescription describe(WeirClient client, String topic, @Nullable Integer partition) {
    TopicDescription found =
        Objects.requireNonNull(client.admin().describeTopic(topic).block(), "no answer");
    int count = found.partitions().size();
    if (partition != null && (partition < 0 || partition >= count)) {
      throw new CommandFailure(
          "topic '"
              + topic
              + "' has no partition "
              + partition
              + "; it has "
              + (count == 1 ? "only partition 0" : "partitions 0 to " + (count - 1)));
    }
    return found;
  }

  /** Wrong usage that only shows when options are seen together. */
  ParameterException wrongUsage(String message) {
    return new ParameterException(Objects.requireNonNull(command).commandLine(), message);
  }

  private List<ServerAddress> addresses() {
    if (servers != null) {
      return servers;
    }
    String environment = System.getenv("WEIR_SERVER");
    if (environment == null || environment.isBlank()) {
      return List.of(new ServerAddress("127.0.0.1", ServerAddress.DEFAULT_PORT));
    }
    try {
      return Servers.parse(environment);
    } catch (IllegalArgumentException e) {
      throw wrongUsage("WEIR_SERVER: " + e.getMessage());
    }
  }

  /** What {@link #call} asks. */
  interface Request<T> {
    Mono<T> of(WeirClient client);
  }

  static final class Servers implements ITypeConverter<List<ServerAddress>> {
    @Override
    public List<ServerAddress> convert(String value) {
      try {
        return parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }

    static List<ServerAddress> parse(String list) {
      return Arrays.stream(list.split(",", -1)).map(ServerAddress::parse).toList();
    }
  }
}
