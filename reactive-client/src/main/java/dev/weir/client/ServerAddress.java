package dev.weir.client;

/**
 * Where a broker listens for RSocket connections.
 *
 * @param host a name or an address; IPv6 without brackets
 * @param port 1 to 65535
 */
public record ServerAddress(String host, int port) {
  /** The port of a broker that was not told another. */
  public static final int DEFAULT_PORT = 9800;

  public ServerAddress {
    if (host.isBlank()) {
      throw new IllegalArgumentException("a server's host must not be empty");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a server's port is 1 to 65535, not " + port);
    }
  }

  /**
   * Parses {@code host}, {@code host:port}, {@code ipv6} or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException with a sentence that names what is wrong
   */
  public static ServerAddress parse(String text) {
    String trimmed = text.trim();
    int hostEnd = trimmed.startsWith("[") ? trimmed.indexOf(']') + 1 : trimmed.lastIndexOf(':');
    boolean bareIpv6 = !trimmed.startsWith("[") && trimmed.indexOf(':') != hostEnd;
    if (hostEnd <= 0 || bareIpv6) {
      return new ServerAddress(withoutBrackets(trimmed), DEFAULT_PORT);
    }
    String host = withoutBrackets(trimmed.substring(0, hostEnd));
    String rest = trimmed.substring(hostEnd);
    if (rest.isEmpty()) {
      return new ServerAddress(host, DEFAULT_PORT);
    }
    if (!rest.startsWith(":")) {
      throw notAnAddress(text);
    }
    try {
      return new ServerAddress(host, Integer.parseInt(rest.substring(1)));
    } catch (NumberFormatException e) {
      throw notAnAddress(text);
    }
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not a server address; expected HOST:PORT");
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
