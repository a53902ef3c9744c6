package dev.weir.broker.cli;

/** Sets up logging before the first logger is made: standard error, little of it. */
final class Logging {
  private static final String PREFIX = "org.slf4j.simpleLogger.";

  private Logging() {}

  /**
   * A server tells what an operator should know; a client command says what matters itself, in one
   * line. {@code WEIR_LOG} (trace, debug, info, warn, error, off) overrides both.
   */
  static void toStandardError(boolean server) {
    String level = System.getenv("WEIR_LOG");
    set("defaultLogLevel", level != null ? level : server ? "warn" : "off");
    if (server && level == null) {
      set("log.dev.weir", "info");
      set("log.reactor.netty", "error"); // else strangers' malformed requests fill the log
    }
    set("showDateTime", "true");
    set("dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    set("showShortLogName", "true");
  }

  private static void set(String key, String value) {
    if (System.getProperty(PREFIX + key) == null) {
      System.setProperty(PREFIX + key, value);
    }
  }
}
