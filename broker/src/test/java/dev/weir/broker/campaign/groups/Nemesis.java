package dev.weir.broker.campaign.groups;

import dev.weir.broker.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Starts members and disturbs them: which kind of fault, whom and for how long comes from the seed,
 * when exactly from the machine. Victims own partitions at that moment. One thread.
 */
final class Nemesis implements AutoCloseable {
  static final int SLOTS = 12;
  private static final int FEWEST = 6;
  private static final int SHORTEST_GAP_MILLIS = 500;
  private static final int GAP_SPREAD_MILLIS = 1_500;
  private static final int SHORT_PAUSE_MILLIS = 500;
  private static final int LONG_PAUSE_MILLIS = 4_500;
  private static final int PAUSE_SPREAD_MILLIS = 1_000;
  private static final int STEP_MILLIS = 20;

  private enum Act {
    JOIN,
    LEAVE,
    KILL,
    SHORT_PAUSE,
    LONG_PAUSE
  }

  private record Pause(MemberProcess member, long from, long until) {}

  private final Path dir;
  private final ServerProcess broker;
  private final Random random;
  private final Breaches breaches;
  private final List<@Nullable MemberProcess> slots =
      new ArrayList<>(Collections.nCopies(SLOTS, null));
  private final List<MemberProcess> all = new ArrayList<>();
  private final List<Pause> pauses = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final List<Act> acts = new ArrayList<>();

  Nemesis(Path dir, ServerProcess broker, long seed, Breaches breaches) {
    this.dir = dir;
    this.broker = broker;
    this.random = new Random(seed);
    this.breaches = breaches;
  }

  /** Fills every slot. */
  void startAll() throws IOException {
    for (int slot = 0; slot < SLOTS; slot++) {
      start(slot);
    }
  }

  private MemberProcess start(int slot) throws IOException {
    MemberProcess member =
        new MemberProcess(dir, broker.address(), "m%d.%d".formatted(slot, all.size()));
    slots.set(slot, member);
    all.add(member);
    return member;
  }

  /**
   * Disturbs for so long.
   *
   * @param restarts how often the broker is killed and started again, evenly spread
   */
  void run(int seconds, int restarts, CoordinatorLog log) throws IOException {
    long begin = System.currentTimeMillis();
    long end = begin + seconds * 1_000L;
    int restarted = 0;
    long next = begin;
    while (System.currentTimeMillis() < end) {
      long now = System.currentTimeMillis();
      resumeDue(now);
      reportDead();
      if (restarted < restarts
          && now - begin >= seconds * 1_000L * (restarted + 1) / (restarts + 1)) {
        restarted++;
        restart();
      } else if (now >= next) {
        act(log.owners());
        next = now + SHORTEST_GAP_MILLIS + random.nextInt(GAP_SPREAD_MILLIS);
      }
      sleep(STEP_MILLIS);
    }
    resumeDue(Long.MAX_VALUE);
  }

  private void act(Map<String, Integer> owners) throws IOException {
    if (acts.isEmpty()) {
      acts.addAll(List.of(Act.values()));
      acts.add(Act.JOIN); // as many as go
      Collections.shuffle(acts, random);
    }
    Act act = live() < FEWEST ? Act.JOIN : acts.remove(acts.size() - 1);
    if (act == Act.JOIN) {
      join();
      return;
    }
    List<Integer> candidates = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      MemberProcess member = slots.get(slot);
      if (member != null && !member.isPaused() && owners.containsKey(member.name())) {
        candidates.add(slot);
      }
    }
    double which = random.nextDouble();
    if (candidates.size() > 1) {
      strike(act, candidates.get((int) (which * candidates.size())));
    }
  }

  private void strike(Act act, int slot) throws IOException {
    MemberProcess member = slots.get(slot);
    if (member == null) {
      return;
    }
    long now = System.currentTimeMillis();
    switch (act) {
      case LEAVE -> {
        member.leave();
        slots.set(slot, null);
        faults.add(new Fault(Fault.Kind.LEAVE, member.name(), now, now));
      }
      case KILL -> {
        member.kill();
        slots.set(slot, null);
        faults.add(new Fault(Fault.Kind.KILL, member.name(), now, now));
      }
      default -> {
        int least = act == Act.SHORT_PAUSE ? SHORT_PAUSE_MILLIS : LONG_PAUSE_MILLIS;
        member.pause();
        pauses.add(new Pause(member, now, now + least + random.nextInt(PAUSE_SPREAD_MILLIS)));
      }
    }
  }

  private void join() throws IOException {
    int slot = slots.indexOf(null);
    if (slot >= 0) {
      long now = System.currentTimeMillis();
      faults.add(new Fault(Fault.Kind.JOIN, start(slot).name(), now, now));
    }
  }

  private void resumeDue(long now) throws IOException {
    for (Pause pause : List.copyOf(pauses)) {
      if (pause.until() <= now) {
        pauses.remove(pause);
        pause.member().resume();
        faults.add(
            new Fault(
                Fault.Kind.PAUSE, pause.member().name(), pause.from(), System.currentTimeMillis()));
      }
    }
  }

  private void restart() throws IOException {
    long from = System.currentTimeMillis();
    broker.process().kill();
    broker.start();
    faults.add(new Fault(Fault.Kind.RESTART, "", from, System.currentTimeMillis()));
  }

  private int live() {
    return (int) slots.stream().filter(member -> member != null && !member.isPaused()).count();
  }

  /** A process that ended on its own. */
  private void reportDead() throws IOException {
    for (int slot = 0; slot < SLOTS; slot++) {
      MemberProcess member = slots.get(slot);
      if (member != null && !member.isAlive()) {
        slots.set(slot, null);
        breaches.add(Breach.FAILED_CLIENT, member.name() + " ended: " + member.errors());
      }
    }
  }

  /** Has everybody leave who is there, and waits for all who ever left. */
  void finish() throws IOException, InterruptedException {
    for (MemberProcess member : slots) {
      if (member != null) {
        member.leave();
      }
    }
    for (MemberProcess member : all) {
      if (!member.wasKilled()) {
        member.awaitLeft(breaches);
      }
    }
  }

  List<Fault> faults() {
    return List.copyOf(faults);
  }

  List<MemberHistory> histories() throws IOException {
    List<MemberHistory> histories = new ArrayList<>();
    for (MemberProcess member : all) {
      histories.add(member.history());
    }
    return histories;
  }

  static void sleep(long millis) {
    long end = System.nanoTime() + millis * 1_000_000L;
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() {
    all.forEach(MemberProcess::kill);
  }
}
