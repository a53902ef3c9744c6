package dev.weir.broker.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weir perf …}. */
@Command(
    name = "perf",
    description = "Measures a running cluster.",
    mixinStandardHelpOptions = true,
    subcommands = {PerfProduceCommand.class, PerfConsumeCommand.class, PerfLatencyCommand.class})
final class PerfCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    throw RootCommand.missingSubcommand(spec);
  }
}
