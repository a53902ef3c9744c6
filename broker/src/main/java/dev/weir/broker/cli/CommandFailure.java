package dev.weir.broker.cli;

/** A command could not do its work; the message is the one line its user sees. Exit code 1. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandFailure(String message) {
    super(message, null, false, false);
  }
}
