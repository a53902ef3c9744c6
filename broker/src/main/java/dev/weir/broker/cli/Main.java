package dev.weir.broker.cli;

import dev.weir.core.error.WeirException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of {@code weir}: finds the command, runs it, turns failures into one line. */
public final class Main {
  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  private Main() {}

  public static void main(String[] args) {
    Logging.toStandardError(args.length > 0 && args[0].equals("server"));
    System.exit(run(args));
  }

  /** Runs one command. 0: done, 1: failed, 2: wrong usage. */
  static int run(String... args) {
    CommandLine line =
        RootCommand.lineFor(args)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUnmatchedOptionsArePositionalParams(false)
            .setParameterExceptionHandler((e, rest) -> wrongUsage(e))
            .setExecutionExceptionHandler(Main::failed);
    int code = line.execute(args);
    return code == ExitCode.OK ? DONE : code == ExitCode.USAGE ? WRONG_USAGE : FAILED;
  }

  private static int wrongUsage(ParameterException e) {
    CommandLine line = e.getCommandLine();
    print(line, mistake(e) + " (see '" + line.getCommandSpec().qualifiedName(" ") + " --help')");
    return ExitCode.USAGE;
  }

  private static String mistake(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().get(0);
      boolean group = !e.getCommandLine().getSubcommands().isEmpty();
      return (first.startsWith("-")
              ? "unknown option"
              : group ? "unknown command" : "unexpected argument")
          + " '"
          + first
          + "'";
    }
    return firstLine(String.valueOf(e.getMessage()));
  }

  private static int failed(Exception e, CommandLine line, ParseResult parsed) {
    if (System.getenv("WEIR_STACKTRACE") != null) {
      e.printStackTrace(line.getErr());
    }
    print(line, sentence(e));
    return ExitCode.SOFTWARE;
  }

  /** What a person reads: the message of errors meant for people, else the kind of error too. */
  private static String sentence(Throwable e) {
    String message = e.getMessage();
    if ((e instanceof WeirException || e instanceof CommandFailure) && message != null) {
      return firstLine(message);
    }
    return "unexpected " + e.getClass().getSimpleName() + ": " + firstLine(String.valueOf(message));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static void print(CommandLine line, String message) {
    PrintWriter err = line.getErr();
    err.println("weir: " + message);
    err.flush();
  }
}
