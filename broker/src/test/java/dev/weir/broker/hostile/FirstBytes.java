package dev.weir.broker.hostile;

import static dev.weir.broker.hostile.Target.untilClosed;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.broker.hostile.RawClient.Body;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Strangers who say something else, too little, too slowly, or nothing. */
final class FirstBytes {
  private static final int EACH = 30;
  private static final int BYTE_PAUSE_MILLIS = 100;
  private static final int FIRST_FRAME_SECONDS = 5;

  private FirstBytes() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A1", "garbage, TLS and HTTP", FirstBytes::garbage),
        new Attack(
            "A1", "silence, half a hello, a byte at a time, half a frame", FirstBytes::tooSlow));
  }

  private static void garbage(Target target, Control control) throws Exception {
    byte[] hello = tlsHello();
    byte[] request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(US_ASCII);
    Random random = new Random(1);
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      byte[] garbage = new byte[4_000];
      random.nextBytes(garbage);
      garbage[0] |= 0x10; // as a length it is more than a stranger may send
      for (byte[] bytes : List.of(garbage, hello, request)) {
        RawClient client = target.attacker();
        clients.add(client);
        untilClosed(() -> client.raw(bytes));
      }
      for (byte[] bytes : List.of(garbage, hello)) {
        RawClient client = target.httpAttacker();
        clients.add(client);
        untilClosed(() -> client.raw(bytes).raw("\r\n\r\n".getBytes(US_ASCII)));
      }
    }
    long ended = 0;
    for (RawClient client : clients) {
      client.countToEnd();
      ended += client.isAtEnd() ? 1 : 0;
    }
    control.rose("weir_transport_refused_floods_total", 3 * EACH);
    control.counted("closed", ended, clients.size());
  }

  private static byte[] tlsHello() throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.flip().remaining()];
    hello.get(bytes);
    return bytes;
  }

  private static void tooSlow(Target target, Control control) throws Exception {
    List<RawClient> all = new ArrayList<>();
    List<RawClient> dripping = new ArrayList<>();
    List<RawClient> http = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      all.add(target.attacker());
      all.add(target.attacker().raw((byte) 0x16, (byte) 3));
      dripping.add(target.attacker());
      http.add(target.httpAttacker().raw("GET /metrics HT".getBytes(US_ASCII)));
      for (int address = 0; address < 4; address++) { // no address may have many
        RawClient unfinished = target.attacker(2 * address);
        all.add(unfinished);
        untilClosed(() -> unfinished.beginFrame(64 << 10, 60 << 10));
      }
    }
    all.addAll(dripping);
    all.addAll(http);
    byte[] setup = RawClient.bytes(0, RawClient.SETUP, 0, new Body().zeros(1000));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(FIRST_FRAME_SECONDS);
    for (int i = 0; System.nanoTime() < end; i++) {
      drip(dripping, setup[i]);
      drip(http, (byte) 'x');
      Thread.sleep(BYTE_PAUSE_MILLIS);
    }
    long ended = 0;
    for (RawClient client : all) {
      client.countToEnd();
      ended += client.isAtEnd() ? 1 : 0;
    }
    control.counted("closed", ended, all.size());
    control.rose(
        all.size(),
        "weir_transport_refused_strangers_total",
        "weir_transport_refused_floods_total");
  }

  private static void drip(List<RawClient> clients, byte one) {
    clients.forEach(client -> untilClosed(() -> client.raw(one)));
  }
}
