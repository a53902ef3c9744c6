package dev.weir.broker.control;

import dev.weir.core.protocol.BrokerInfo;
import dev.weir.metadata.BrokerImage;
import java.net.InetSocketAddress;

/** Brokers as messages. */
public final class BrokerInfos {
  private BrokerInfos() {}

  /** This broker itself with the address where clients reach it. */
  public static BrokerInfo of(BrokerImage broker, ControlRoutes.Self self) {
    BrokerInfo.Builder info = BrokerInfo.newBuilder().setId(broker.id());
    if (broker.id() == self.id()) {
      InetSocketAddress address = self.address().get();
      return info.setHost(address.getHostString()).setPort(address.getPort()).build();
    }
    return info.setHost(broker.host()).setPort(broker.port()).build();
  }
}
