package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedCrash;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Interrupts a script at its operations, one life per point, and lets it recover. Every method
 * fails at the first point that ends in no legal state, names it, and else counts what it ran.
 */
final class CrashDriver {
  /** A prime above every number of operations: its multiples reach each of them once. */
  private static final long SPREAD = 1_000_003;

  private final CrashScripts scripts;
  private final long operations;
  private long crashPoints;
  private long failingOperations;
  private long failedFlushes;

  /** Runs the script once without any fault, to know its operations. */
  CrashDriver(CrashScripts scripts) throws IOException {
    this.scripts = scripts;
    SimulatedLogFiles files = disk();
    CrashScript script = scripts.begin(files);
    script.run();
    operations = files.operations();
    script.recoverAndGoOn();
  }

  /** The power is cut at any operation. */
  void cutPower(Survival survival) {
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = disk();
      CrashScript script = crashed(files, operation);
      files.cutPower(survival, random(operation));
      recover(script, survival + " at operation " + operation);
      crashPoints++;
    }
  }

  /** The process is killed at any operation; the page cache lives on. */
  void kill() {
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = disk();
      CrashScript script = crashed(files, operation);
      files.kill();
      recover(script, "killed at operation " + operation);
      crashPoints++;
    }
  }

  /** Killed at any operation, opened again, and then the power is cut. */
  void killAndCutPowerLater() throws IOException {
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = disk();
      CrashScript script = crashed(files, operation);
      files.kill();
      script.recover();
      files.cutPower(Survival.NONE, random(operation));
      recover(script, "powerless after being killed at operation " + operation);
      crashPoints++;
    }
  }

  /**
   * The power is cut at every so-manieth operation, and again at every so-manieth of what follows.
   */
  void cutPowerTwice(Survival survival, int stride, int secondStride) {
    for (long operation = 1L + stride / 5; operation <= operations; operation += stride) {
      cutPowerTwice(survival, operation, 1 + operation % secondStride, secondStride);
    }
  }

  /**
   * The power is cut at any operation, and again at any of what follows, however the disk survives
   * it; the first ones spread over the script, so that an early end has not left out a part of it.
   *
   * @param onFirst told how many of the first operations are done
   * @return how many there were time for
   */
  long cutPowerTwiceUntil(BooleanSupplier isTimeUp, LongConsumer onFirst) {
    long done = 0;
    while (done < operations && !isTimeUp.getAsBoolean()) {
      long operation = 1 + done * SPREAD % operations;
      for (Survival survival : Survival.values()) {
        cutPowerTwice(survival, operation, 1, 1);
      }
      done++;
      onFirst.accept(done);
    }
    return done;
  }

  private void cutPowerTwice(Survival survival, long operation, long firstOfSecond, int stride) {
    boolean crashedAgain = true;
    for (long second = firstOfSecond; crashedAgain; second += stride) {
      SimulatedLogFiles files = disk();
      CrashScript script = crashed(files, operation);
      files.cutPower(survival, random(operation));
      files.crashAt(files.operations() + second);
      crashedAgain = crashesWhile(script::recoverAndGoOn);
      files.cutPower(survival, random(second));
      recover(script, survival + " at operation " + operation + ", then " + second + " later");
      crashPoints++;
    }
  }

  /** Any operation fails, the script copes with it as it can, and then the power is cut. */
  void fail(Fault fault, Survival survival) {
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = disk();
      CrashScript script = failed(files, operation, fault);
      files.cutPower(survival, random(operation));
      recover(script, fault + " at operation " + operation + ", then " + survival);
      failingOperations++;
    }
  }

  /**
   * Any operation fails, and where that took the log offline, the process is killed: the page cache
   * still shows what a failed flush has dropped.
   */
  void failAndKill() throws IOException {
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = disk();
      CrashScript script = failed(files, operation, Fault.IO_ERROR);
      if (!script.isOnline()) {
        files.kill();
        recover(script, "failed flush at operation " + operation);
        files.cutPower(Survival.NONE, random(operation));
        recover(script, "powerless after a failed flush at operation " + operation);
        failAndKillAndCutPower(operation);
        failedFlushes++;
      }
      failingOperations++;
    }
  }

  /** What the first open after a failed flush has shown stays, although nothing followed it. */
  private void failAndKillAndCutPower(long operation) throws IOException {
    SimulatedLogFiles files = disk();
    CrashScript script = failed(files, operation, Fault.IO_ERROR);
    files.kill();
    script.recover();
    files.cutPower(Survival.NONE, random(operation));
    recover(script, "powerless right after the open after a failed flush at " + operation);
  }

  /** Changing operations of the script when nothing goes wrong. */
  long operations() {
    return operations;
  }

  long crashPoints() {
    return crashPoints;
  }

  long failingOperations() {
    return failingOperations;
  }

  /** Failures that took a log offline and were followed by a kill. */
  long failedFlushes() {
    return failedFlushes;
  }

  private static SimulatedLogFiles disk() {
    return new SimulatedLogFiles(CrashScript.ROOT);
  }

  private CrashScript crashed(SimulatedLogFiles files, long operation) {
    files.crashAt(operation);
    CrashScript script = scripts.begin(files);
    assertThat(crashesWhile(script::run)).isTrue();
    return script;
  }

  private CrashScript failed(SimulatedLogFiles files, long operation, Fault fault) {
    files.failAt(operation, fault);
    CrashScript script = scripts.begin(files);
    try {
      script.run();
    } catch (IOException openingFailed) {
      // the next open makes up for it
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(
          scripts + ", " + fault + " at operation " + operation + ": " + failure.getMessage(),
          failure);
    }
    return script;
  }

  private void recover(CrashScript script, String when) {
    try {
      script.recoverAndGoOn();
    } catch (AssertionError | IOException | RuntimeException failure) {
      throw new AssertionError(scripts + ", " + when + ": " + failure.getMessage(), failure);
    }
  }

  /** Neighbouring seeds of java.util.Random begin alike, so they are spread. */
  private static Random random(long seed) {
    return new Random(seed * 0x9E3779B97F4A7C15L);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static boolean crashesWhile(Work work) {
    try {
      work.run();
      return false;
    } catch (SimulatedCrash crash) {
      return true;
    } catch (IOException unexpected) {
      throw new AssertionError(unexpected);
    }
  }
}
