package dev.weir.broker.campaign;

import dev.weir.broker.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Cycles of load, fault, restart. After each fault the new part of every log is compared with what
 * clients were told, straight from the files; every few cycles, and at the end, all of it, and by a
 * consumer too.
 */
final class Campaign {
  private static final int CYCLES_BETWEEN_FULL_CHECKS = 25;
  private static final int LONGEST_LOAD_MILLIS = 500;
  private static final long DEADLINE_NANOS = 150_000_000_000L;
  private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

  private final String name;
  private final Fault fault;
  private final Path dir;
  private final Random random;
  private final Findings findings = new Findings();
  private final Layout layout;
  private final Map<Slot, Pass.Mark> marks = new HashMap<>();
  private final Report report;
  private int cycles;
  private int cycle;
  private long lastLine = System.nanoTime();

  /**
   * @param topicSettings of all topics, besides what the layout says
   */
  Campaign(String name, Fault fault, Path dir, Map<String, String> topicSettings, long seed) {
    this.name = name;
    this.fault = fault;
    this.layout = new Layout(topicSettings);
    this.dir = dir;
    this.random = new Random(seed);
    this.report = new Report(name, seed);
  }

  Report run(int howMany) throws IOException {
    cycles = howMany;
    System.err.printf("%s: %d cycles in %s%n", name, cycles, dir);
    try (ServerProcess broker = new ServerProcess(dir, fault.data(), fault.environment());
        Load load = new Load(broker.address(), layout, findings)) {
      load.start();
      for (cycle = 1; cycle <= cycles; cycle++) {
        cycle(broker, load, cycle % CYCLES_BETWEEN_FULL_CHECKS == 0);
        if (cycle % CYCLES_BETWEEN_FULL_CHECKS == 0) {
          load.consumeEverything();
        }
        maybeTell("ran", load);
      }
      load.finish();
      load.consumeEverything();
      broker.process().terminate();
      broker.process().exitsWith(0);
      compareFiles(load, true);
      report.end(load.acknowledged(), findings);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    return report;
  }

  private void cycle(ServerProcess broker, Load load, boolean fromTheStart) throws IOException {
    long before = load.acknowledged();
    long started = System.nanoTime();
    while (load.acknowledged() == before) {
      if (System.nanoTime() - started > DEADLINE_NANOS) {
        throw new IOException("nothing was acknowledged for 150 s: " + broker.process().err());
      }
      maybeTell("waits for an acknowledgement", load);
      LockSupport.parkNanos(1_000_000);
    }
    report.served((System.nanoTime() - started) / 1_000_000);
    pause(random.nextInt(LONGEST_LOAD_MILLIS));
    boolean effective = fault.strike(broker);
    long inFlight = load.inFlight();
    boolean unacknowledged = compareFiles(load, fromTheStart);
    report.struck(effective && inFlight > 0, unacknowledged);
    broker.start();
    report.ready(broker.readyMillis());
  }

  /** A line now and then, so that nobody has to guess what it is doing. */
  private void maybeTell(String what, Load load) {
    long now = System.nanoTime();
    if (now - lastLine >= NANOS_BETWEEN_LINES) {
      lastLine = now;
      System.err.printf(
          "%s: cycle %d of %d %s, %,d records acknowledged, %s%n",
          name,
          cycle,
          cycles,
          what,
          load.acknowledged(),
          findings.none() ? "all well" : findings.witnesses());
    }
  }

  /** Returns whether the files hold batches whose senders have no answer. */
  private boolean compareFiles(Load load, boolean fromTheStart) throws IOException {
    boolean unacknowledged = false;
    for (PartitionHistory history : load.histories()) {
      Slot slot = history.slot();
      PartitionHistory.Ends told = history.ends();
      Pass.Mark from = fromTheStart ? Pass.Mark.START : marks.getOrDefault(slot, Pass.Mark.START);
      Pass pass = new Pass(history, "the files", told, from);
      SegmentFiles files = new SegmentFiles(fault.data().resolve(slot.directory()));
      files.read(pass);
      marks.put(slot, pass.end());
      unacknowledged |= pass.next() > told.acknowledged() || files.bytesBehindLastBatch() > 0;
    }
    return unacknowledged;
  }

  private static void pause(int millis) {
    long end = System.nanoTime() + millis * 1_000_000L;
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
