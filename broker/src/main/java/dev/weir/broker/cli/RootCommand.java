package dev.weir.broker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir} itself. Only the command that was named is loaded; all of them for the usage. */
@Command(
    name = "weir",
    description = "A reactive, non-blocking log broker.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class RootCommand implements Callable<Integer> {
  private static final String[] NAMES = {
    "server", "topic", "produce", "consume", "group", "cluster", "perf"
  };

  @Spec private @Nullable CommandSpec spec;

  static CommandLine lineFor(String... args) {
    CommandLine line = new CommandLine(new RootCommand());
    Object named = args.length == 0 ? null : command(args[0]);
    if (named != null) {
      return line.addSubcommand(args[0], named);
    }
    for (String name : NAMES) {
      line.addSubcommand(name, command(name));
    }
    return line;
  }

  private static @Nullable Object command(String name) {
    return switch (name) {
      case "server" -> new ServerCommand();
      case "topic" -> new TopicCommand();
      case "produce" -> new ProduceCommand();
      case "consume" -> new ConsumeCommand();
      case "group" -> new GroupCommand();
      case "cluster" -> new ClusterCommand();
      case "perf" -> new PerfCommand();
      default -> null;
    };
  }

  @Override
  public Integer call() {
    throw missingSubcommand(spec);
  }

  /** For commands that are only a group of others. */
  static ParameterException missingSubcommand(@Nullable CommandSpec group) {
    CommandLine line = Objects.requireNonNull(group).commandLine();
    return new ParameterException(
        line,
        "a command is missing after '"
            + line.getCommandSpec().qualifiedName(" ")
            + "': "
            + String.join(", ", line.getSubcommands().keySet()));
  }
}
