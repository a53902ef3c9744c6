package dev.weir.broker.cli;

/**
 * Something to do when the process is asked to end (^C, SIGTERM) before the command is through. The
 * JVM then exits with 128 + the signal's number as soon as the action returns.
 */
final class OnInterrupt {
  private final Thread hook;

  OnInterrupt(Runnable action) {
    hook = new Thread(action, "weir-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The command is through: nothing is to be done any more. */
  void disarm() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already and the hook is running: it has the last word.
    }
  }
}
