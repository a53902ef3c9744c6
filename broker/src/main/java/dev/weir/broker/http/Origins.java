package dev.weir.broker.http;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may open a WebSocket. A browser lets any page connect anywhere and only tells, in
 * {@code Origin}, where the page is from; without this check every page its user visits could read
 * and write here. Clients that are no browsers send no {@code Origin} and pass.
 *
 * @param allowed as browsers send them ({@code https://shop.example:8443}), {@code null} for pages
 *     from files, or {@code *} for all
 * @param ownNames under which this broker serves pages of its own. Any other name in {@code Host}
 *     may be an attacker's that was made to point here
 */
public record Origins(Set<String> allowed, Set<String> ownNames) {
  private static final String ANY = "*";

  public Origins {
    allowed = lowerCase(allowed);
    ownNames = lowerCase(ownNames);
    for (String origin : allowed) {
      if (!origin.equals(ANY) && !origin.equals("null") && hostOf(origin) == null) {
        throw new WeirException(
            ErrorCode.INVALID_CONFIG,
            "setting 'http.origins' has '"
                + origin
                + "' but must have origins like https://shop.example:8443, null, or *");
      }
    }
  }

  private static Set<String> lowerCase(Set<String> words) {
    Set<String> lower = new TreeSet<>();
    words.forEach(word -> lower.add(word.toLowerCase(Locale.ROOT)));
    return Set.copyOf(lower);
  }

  /**
   * Whether a page may connect.
   *
   * @param origin the header {@code Origin}
   * @param host the header {@code Host}
   * @param overLoopback whether the browser runs on this machine
   */
  boolean allow(@Nullable String origin, @Nullable String host, boolean overLoopback) {
    if (origin == null || allowed.contains(ANY)) {
      return true;
    }
    String page = origin.toLowerCase(Locale.ROOT);
    String name = hostOf(page);
    if (allowed.contains(page)) {
      return true;
    }
    if (name == null) {
      return false;
    }
    return (overLoopback && isLoopback(name))
        || (host != null && page.endsWith("://" + host.toLowerCase(Locale.ROOT)) && isOwn(name));
  }

  private boolean isOwn(String name) {
    return ownNames.contains(name) || isLoopback(name) || isAddress(name);
  }

  private static boolean isLoopback(String name) {
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || name.equals("::1")
        || (name.startsWith("127.") && NetUtil.isValidIpV4Address(name));
  }

  private static boolean isAddress(String name) {
    return NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name);
  }

  /** Without the brackets of IPv6; null when it is no origin. */
  private static @Nullable String hostOf(String origin) {
    try {
      URI uri = new URI(origin);
      String host = uri.getHost();
      boolean bare = uri.getScheme() != null && uri.getRawPath().isEmpty();
      if (host == null || !bare) {
        return null;
      }
      return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
