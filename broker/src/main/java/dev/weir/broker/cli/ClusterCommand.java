package dev.weir.broker.cli;

import dev.weir.client.ClusterDescription;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weir cluster …}. */
@Command(name = "cluster", description = "Shows the cluster.", mixinStandardHelpOptions = true)
final class ClusterCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    throw RootCommand.missingSubcommand(spec);
  }

  @Command(
      description = "Prints the cluster's id and its brokers.",
      mixinStandardHelpOptions = true)
  int describe(@Mixin ClientOptions client) {
    ClusterDescription cluster =
        Objects.requireNonNull(client.call(weir -> weir.admin().describeCluster()));
    System.out.println("cluster " + cluster.clusterId());
    for (ClusterDescription.Broker broker : cluster.brokers()) {
      System.out.println("broker " + broker.id() + " " + broker.address());
    }
    return 0;
  }
}
