package dev.weir.transport.rsocket;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections of a listener that nobody knows yet, in all and from each address. Any
 * thread.
 *
 * <p>An IPv6 peer owns a whole network of 64 bits, so that is what counts as its address.
 */
public final class Strangers {
  private static final int IPV6_NETWORK_BYTES = 8;

  private final int most;
  private final int mostPerAddress;
  private final AtomicInteger all = new AtomicInteger();
  private final Map<Object, Integer> byAddress = new ConcurrentHashMap<>();

  /**
   * @param most at once
   * @param mostPerAddress of those from one address
   */
  public Strangers(int most, int mostPerAddress) {
    this.most = most;
    this.mostPerAddress = mostPerAddress;
  }

  /** A connection that counts as a stranger until {@link #leave()}. */
  public final class Stranger {
    private final Object address;
    private final AtomicBoolean here = new AtomicBoolean(true);

    private Stranger(Object address) {
      this.address = address;
    }

    public boolean isHere() {
      return here.get();
    }

    /** It is known now, or gone. The second and later calls do nothing. */
    public void leave() {
      if (here.compareAndSet(true, false)) {
        byAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
        all.decrementAndGet();
      }
    }
  }

  /** Lets one more in; null when there are too many already. */
  public @Nullable Stranger admit(@Nullable SocketAddress peer) {
    if (all.incrementAndGet() > most) {
      all.decrementAndGet();
      return null;
    }
    Object address = keyOf(peer);
    if (byAddress.merge(address, 1, Integer::sum) > mostPerAddress) {
      new Stranger(address).leave();
      return null;
    }
    return new Stranger(address);
  }

  public int now() {
    return all.get();
  }

  private static Object keyOf(@Nullable SocketAddress peer) {
    if (!(peer instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return "unknown";
    }
    InetAddress address = inet.getAddress();
    return address instanceof Inet6Address
        ? ByteBuffer.wrap(address.getAddress(), 0, IPV6_NETWORK_BYTES)
        : address;
  }
}
