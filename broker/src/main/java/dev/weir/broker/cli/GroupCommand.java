package dev.weir.broker.cli;

import dev.weir.client.GroupDescription;
import dev.weir.client.GroupListing;
import dev.weir.client.StartingPosition;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir group …}. */
@Command(
    name = "group",
    description = "Lists, describes, resets and deletes consumer groups.",
    mixinStandardHelpOptions = true)
final class GroupCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    throw RootCommand.missingSubcommand(spec);
  }

  @Command(description = "Prints the names of all groups.", mixinStandardHelpOptions = true)
  int list(@Mixin ClientOptions client) {
    List<GroupListing> groups =
        Objects.requireNonNull(client.call(weir -> weir.admin().listGroups()));
    groups.stream().map(GroupListing::group).forEach(System.out::println);
    return 0;
  }

  @Command(
      description = "Prints a group's members and how far it is in each partition.",
      mixinStandardHelpOptions = true)
  int describe(@Mixin ClientOptions client, @Parameters(paramLabel = "G") String name) {
    GroupDescription group =
        Objects.requireNonNull(client.call(weir -> weir.admin().describeGroup(name)));
    print(group, System.out);
    return 0;
  }

  @Command(
      description = {
        "Sets a group's committed offsets in all partitions of a topic, while it has no members.",
        "Prints them."
      },
      mixinStandardHelpOptions = true)
  int reset(
      @Mixin ClientOptions client,
      @Parameters(paramLabel = "G") String name,
      @Option(
              names = "--to",
              paramLabel = "earliest|latest|offset:N|time:ISO-8601",
              required = true,
              converter = FromPosition.class)
          StartingPosition to,
      @Option(names = "--topic", paramLabel = "T", required = true) String topic) {
    Map<Integer, Long> offsets =
        Objects.requireNonNull(client.call(weir -> weir.admin().resetOffsets(name, topic, to)));
    offsets.forEach(
        (partition, offset) ->
            System.out.println("partition " + topic + "-" + partition + " committed " + offset));
    return 0;
  }

  @Command(
      description = "Deletes a group that has no members, and its committed offsets.",
      mixinStandardHelpOptions = true)
  int delete(@Mixin ClientOptions client, @Parameters(paramLabel = "G") String name) {
    client.call(weir -> weir.admin().deleteGroup(name));
    return 0;
  }

  private static void print(GroupDescription group, PrintStream out) {
    out.println("group " + group.group());
    out.println("state " + group.state());
    out.println("epoch " + group.epoch());
    out.println("assignor " + group.assignor());
    out.println("coordinator " + group.coordinator());
    group.members().forEach(member -> out.println(line(member)));
    group.partitions().forEach(partition -> out.println(line(partition)));
  }

  /** Name and value by turns; what is unknown or empty is a dash. */
  private static String line(GroupDescription.Member m) {
    return "member %s instance %s client %s address %s epoch %d topics %s"
        .formatted(
            m.memberId(),
            orDash(m.instanceId()),
            orDash(m.clientId()),
            orDash(m.remoteAddress()),
            m.epoch(),
            String.join(",", new TreeSet<>(m.topics())));
  }

  private static String line(GroupDescription.Partition p) {
    return "partition %s committed %s high-watermark %s lag %s acknowledged-beyond %d owner %s%s"
        .formatted(
            p.partition(),
            orDash(p.committedOffset()),
            orDash(p.highWatermark()),
            orDash(p.lag()),
            p.acknowledgedBeyond(),
            orDash(p.memberId()),
            p.draining() ? " draining" : "");
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static String orDash(long number) {
    return number < 0 ? "-" : Long.toString(number);
  }
}
