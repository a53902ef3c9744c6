package dev.weir.broker;

import io.rsocket.transport.netty.client.TcpClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;

/** A broker for one test, on free ports unless the settings name them. */
public final class RunningBroker implements AutoCloseable {
  private final BrokerServer server;

  private RunningBroker(BrokerServer server) {
    this.server = server;
  }

  public static RunningBroker in(Path dataDir) {
    return in(dataDir, Map.of());
  }

  public static RunningBroker in(Path dataDir, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put(SettingKeys.DATA_DIR, dataDir.toString());
    all.putIfAbsent(SettingKeys.PORT, "0");
    all.putIfAbsent(SettingKeys.HTTP_PORT, "0");
    return new RunningBroker(BrokerServer.start(BrokerSettings.load(null, all)));
  }

  public BrokerServer server() {
    return server;
  }

  public PlainClient connect() {
    return PlainClient.connect(server.rsocketAddress().getPort(), "application/octet-stream");
  }

  /** A client whose event loop is nobody else's. */
  public PlainClient connectOn(LoopResources loops) {
    TcpClient tcp =
        TcpClient.create().host("127.0.0.1").port(server.rsocketAddress().getPort()).runOn(loops);
    return PlainClient.connect(TcpClientTransport.create(tcp), "application/octet-stream");
  }

  public PlainClient connectJson() {
    return PlainClient.connect(server.rsocketAddress().getPort(), "application/json");
  }

  @Override
  public void close() {
    server.shutdown(Duration.ofSeconds(10));
  }
}
