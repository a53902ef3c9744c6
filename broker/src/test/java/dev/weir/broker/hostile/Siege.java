package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One broker with very little memory, one tenant that behaves, and one attack after the other. Each
 * attack has to have taken place, to end, and to leave nothing behind.
 */
final class Siege implements AutoCloseable {
  private static final int STALL_MILLIS = 2_000;

  /** So few that the tenant's own streams are renewed all the time, without a gap. */
  static final int CREDITS = 1_000;

  /** Sockets and files that come and go without an attack. */
  private static final int STRAY_FILES = 8;

  /** Not a figure to reach: beyond it, the tenant was stopped. */
  private static final double ALIVE_MILLIS = 20_000;

  private final SmallBroker broker;
  private final Tenant tenant;
  private final Target target;
  private final Gauges gauges;
  private final Duration quiet;
  private final Report report = new Report();
  private final long baseOpenFiles;
  private Row.@Nullable Phase calm;

  /**
   * @param quiet how long the broker is looked at before and after an attack
   */
  Siege(Path dir, Duration quiet) throws Exception {
    this.quiet = quiet;
    broker =
        new SmallBroker(dir, "stall.timeout.ms=" + STALL_MILLIS, "stream.credits.max=" + CREDITS);
    tenant = new Tenant(broker.port());
    target = new Target(broker, dir.resolve("data"));
    gauges = new Gauges(broker);
    target.watchedBy(gauges);
    tenant.goesOn(200);
    baseOpenFiles = broker.measure().openFiles();
  }

  /** All attacks, in the order of their rows. */
  static List<Attack> attacks() {
    return Stream.of(
            FirstBytes.attacks(),
            Lengths.attacks(),
            Fragments.attacks(),
            Floods.attacks(),
            Crowds.attacks(),
            Unread.attacks(),
            Bombs.attacks(),
            Bystanders.attacks(),
            Credits.attacks())
        .flatMap(List::stream)
        .toList();
  }

  /** Commits it for so long, at least once. */
  void run(Attack attack, Duration atLeast) throws Exception {
    try {
      besiege(attack, atLeast);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "%s: %s; the broker %s; its log ends with:%n%s"
              .formatted(attack, e, broker.isAlive() ? "is alive" : "has died", broker.logEnd()),
          e);
    }
  }

  private void besiege(Attack attack, Duration atLeast) throws Exception {
    Row.Phase before = calm == null ? calm() : calm;
    calm = null;
    gauges.reset();
    Tenant.Stretch stretch = tenant.begin();
    long start = System.nanoTime();
    int rounds = 0;
    Control control;
    do {
      control = new Control(broker);
      try {
        attack.deed().commit(target, control);
      } finally {
        target.closeAttackers();
      }
      rounds++;
    } while (System.nanoTime() - start < atLeast.toNanos());
    gauges.look();
    double seconds = (System.nanoTime() - start) / 1e9;
    tenant.begin();
    tenant.goesOn(20);
    Row.Phase during = new Row.Phase(gauges.most(), stretch.p99Millis());
    nothingIsLeft();
    Row.Phase after = calm();
    report.add(new Row(attack, rounds, seconds, before, during, after, control.evidence()));
    assertThat(broker.isAlive()).as(broker.log()).isTrue();
    assertThat(broker.log()).doesNotContain("OutOfMemoryError");
    assertThat(during.most().directBytes()).isBetween(1L, SmallBroker.DIRECT_LIMIT);
    assertThat(during.p99Millis()).as("p99 during the attack").isLessThan(ALIVE_MILLIS);
    calm = after;
  }

  private void nothingIsLeft() {
    await("what the attack held is given back")
        .atMost(Target.SOON)
        .untilAsserted(
            () -> {
              assertThat(broker.measure().openFiles())
                  .as("files and sockets, %d before the first attack", baseOpenFiles)
                  .isLessThanOrEqualTo(baseOpenFiles + STRAY_FILES);
              assertThat(broker.meter("weir_transport_held_bytes")).isLessThan(1 << 20);
            });
  }

  /** The broker with nobody but the tenant. */
  private Row.Phase calm() throws Exception {
    broker.collectGarbage();
    Tenant.Stretch stretch = tenant.begin();
    Thread.sleep(quiet.toMillis());
    Measurement now = broker.measure();
    tenant.begin();
    tenant.goesOn(1);
    return new Row.Phase(now, stretch.p99Millis());
  }

  /** Ends the tenant, who has to have everything. */
  void finish() throws Exception {
    tenant.finish();
  }

  long tenantRecords() {
    return tenant.received();
  }

  Report report() {
    return report;
  }

  @Override
  public void close() {
    gauges.close();
    target.close();
    tenant.close();
    broker.close();
  }
}
