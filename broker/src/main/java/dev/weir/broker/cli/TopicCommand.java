package dev.weir.broker.cli;

import dev.weir.client.NewTopic;
import dev.weir.client.StartingPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.TopicListing;
import dev.weir.client.WeirClient;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir topic …}. */
@Command(
    name = "topic",
    description = "Creates, lists, describes, alters, trims and deletes topics.",
    mixinStandardHelpOptions = true)
final class TopicCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    throw RootCommand.missingSubcommand(spec);
  }

  @Command(description = "Creates a topic.", mixinStandardHelpOptions = true)
  int create(
      @Mixin ClientOptions client,
      @Parameters(paramLabel = "NAME") String name,
      @Option(names = "--partitions", paramLabel = "N", defaultValue = "1") int partitions,
      @Option(names = "--replication-factor", paramLabel = "R", defaultValue = "1") int replicas,
      @Option(names = "--config", paramLabel = "KEY=VALUE") @Nullable Map<String, String> config) {
    if (partitions < 1) {
      throw client.wrongUsage("--partitions must be at least 1, not " + partitions);
    }
    if (replicas < 1) {
      throw client.wrongUsage("--replication-factor must be at least 1, not " + replicas);
    }
    Map<String, String> settings = config == null ? Map.of() : config;
    client.call(
        weir -> weir.admin().createTopic(new NewTopic(name, partitions, replicas, settings)));
    return 0;
  }

  @Command(description = "Prints the names of all topics.", mixinStandardHelpOptions = true)
  int list(@Mixin ClientOptions client) {
    List<TopicListing> topics =
        Objects.requireNonNull(client.call(weir -> weir.admin().listTopics()));
    topics.stream().map(TopicListing::name).sorted().forEach(System.out::println);
    return 0;
  }

  @Command(
      description = "Prints a topic's settings and partitions.",
      mixinStandardHelpOptions = true)
  int describe(@Mixin ClientOptions client, @Parameters(paramLabel = "NAME") String name) {
    TopicDescription topic =
        Objects.requireNonNull(client.call(weir -> weir.admin().describeTopic(name)));
    print(topic, System.out);
    return 0;
  }

  @Command(
      description = "Changes settings of a topic, all of them or none.",
      mixinStandardHelpOptions = true)
  int alter(
      @Mixin ClientOptions client,
      @Parameters(paramLabel = "NAME") String name,
      @Option(names = "--config", paramLabel = "KEY=VALUE") @Nullable Map<String, String> config,
      @Option(names = "--reset", paramLabel = "KEY", description = "back to the default")
          @Nullable Set<String> reset) {
    Map<String, String> set = config == null ? Map.of() : new LinkedHashMap<>(config);
    Set<String> back = reset == null ? Set.of() : new LinkedHashSet<>(reset);
    if (set.isEmpty() && back.isEmpty()) {
      throw client.wrongUsage("nothing to change: --config KEY=VALUE or --reset KEY is missing");
    }
    client.call(weir -> weir.admin().alterTopic(name, set, back));
    return 0;
  }

  @Command(
      description = {
        "Deletes the oldest records of a topic, for good.",
        "Prints where each partition starts then."
      },
      mixinStandardHelpOptions = true)
  int trim(
      @Mixin ClientOptions client,
      @Parameters(paramLabel = "NAME") String name,
      @Option(names = "--partition", paramLabel = "P", description = "default: all")
          @Nullable Integer partition,
      @Option(
              names = "--before",
              paramLabel = "OFFSET|latest|time:ISO-8601",
              description = "what stays begins here; latest: nothing stays",
              required = true,
              converter = BeforePosition.class)
          StartingPosition before) {
    WeirClient weir = client.open();
    try {
      int count = ClientOptions.describe(weir, name, partition).partitions().size();
      if (before instanceof StartingPosition.AtOffset && partition == null && count > 1) {
        throw client.wrongUsage(
            "--before OFFSET needs --partition: topic '%s' has %d partitions"
                .formatted(name, count));
      }
      List<Integer> trimmed =
          partition == null ? IntStream.range(0, count).boxed().toList() : List.of(partition);
      new Trimming(weir.admin(), name).run(trimmed, before, System.out);
    } finally {
      ClientOptions.close(weir);
    }
    return 0;
  }

  @Command(description = "Deletes a topic and its records.", mixinStandardHelpOptions = true)
  int delete(@Mixin ClientOptions client, @Parameters(paramLabel = "NAME") String name) {
    client.call(weir -> weir.admin().deleteTopic(name));
    return 0;
  }

  private static void print(TopicDescription topic, PrintStream out) {
    out.println("topic " + topic.name());
    out.println("id " + topic.id());
    out.println("partitions " + topic.partitions().size());
    new TreeMap<>(topic.effectiveConfig())
        .forEach(
            (key, value) ->
                out.println(
                    "config "
                        + key
                        + "="
                        + value
                        + (topic.overrides().containsKey(key) ? "" : " (default)")));
    topic.partitions().forEach(partition -> out.println(line(partition)));
  }

  /** Name and value by turns, so that both people and scripts find what they look for. */
  private static String line(TopicDescription.Partition p) {
    String line =
        "partition %d leader %d epoch %d replicas %s in-sync %s"
            .formatted(p.partition(), p.leader(), p.leaderEpoch(), p.replicas(), p.inSync());
    if (p.logStartOffset() >= 0) {
      line +=
          " start %d high-watermark %d end %d flushed %d bytes %d"
              .formatted(
                  p.logStartOffset(),
                  p.highWatermark(),
                  p.logEndOffset(),
                  p.flushedOffset(),
                  p.sizeBytes());
    }
    return line + " state " + p.state();
  }
}
