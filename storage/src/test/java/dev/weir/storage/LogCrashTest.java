package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedCrash;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Crashes and faults at every operation of a script that appends, rolls, retries, closes and
 * reopens.
 */
class LogCrashTest {
  private static final List<Survival> PARTIAL =
      List.of(Survival.ALL, Survival.PREFIX, Survival.SUBSET, Survival.TORN);

  @ParameterizedTest
  @EnumSource(Survival.class)
  void losesNothingAcknowledgedWhenPowerIsCutAtAnyOperation(Survival survival) throws IOException {
    long operations = operationsOfTheScript();
    assertThat(operations).isGreaterThan(150);
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = new SimulatedLogFiles(ProducingScript.ROOT);
      ProducingScript script = crashed(files, operation);
      files.cutPower(survival, random(operation));
      recover(script, survival + " at operation " + operation);
    }
  }

  @Test
  void losesNothingAcknowledgedWhenKilledAtAnyOperationAndPowerIsCutLater() throws IOException {
    long operations = operationsOfTheScript();
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = new SimulatedLogFiles(ProducingScript.ROOT);
      ProducingScript script = crashed(files, operation);
      files.kill();
      script.recover();
      files.cutPower(Survival.NONE, random(operation));
      recover(script, "powerless after being killed at operation " + operation);
    }
  }

  @ParameterizedTest
  @EnumSource(Survival.class)
  void losesNothingAcknowledgedWhenRecoveryIsCutTooAtAnyOperation(Survival survival)
      throws IOException {
    cutTwice(survival, 37);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Survival.class)
  void losesNothingAcknowledgedWhenPowerIsCutAtAnyTwoOperations(Survival survival)
      throws IOException {
    cutTwice(survival, 1);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void losesNothingAcknowledgedWhenAnyOperationFails(Fault fault) throws IOException {
    long operations = operationsOfTheScript();
    for (long operation = 1; operation <= operations; operation++) {
      Survival other = PARTIAL.get((int) (operation % PARTIAL.size()));
      for (Survival survival : List.of(Survival.NONE, other)) {
        SimulatedLogFiles files = new SimulatedLogFiles(ProducingScript.ROOT);
        files.failAt(operation, fault);
        ProducingScript script = new ProducingScript(files);
        try {
          script.run();
        } catch (IOException openingFailed) {
          assertThat(script.acknowledged()).isLessThanOrEqualTo(60);
        }
        files.cutPower(survival, random(operation));
        recover(script, fault + " at operation " + operation + ", then " + survival);
      }
    }
  }

  @Test
  void doesNotBelieveThePageCacheAfterAFailedFlush() throws IOException {
    long operations = operationsOfTheScript();
    int failedFlushes = 0;
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = new SimulatedLogFiles(ProducingScript.ROOT);
      files.failAt(operation, Fault.IO_ERROR);
      ProducingScript script = new ProducingScript(files);
      try {
        script.run();
      } catch (IOException openingFailed) {
        continue;
      }
      if (!script.isOnline()) {
        failedFlushes++;
        files.kill();
        recover(script, "failed flush at operation " + operation);
        files.cutPower(Survival.NONE, random(operation));
        recover(script, "powerless after a failed flush at operation " + operation);
      }
    }
    assertThat(failedFlushes).isGreaterThan(5);
  }

  @Test
  void doesTheSameOperationsEveryTime() throws IOException {
    SimulatedLogFiles one = new SimulatedLogFiles(ProducingScript.ROOT);
    SimulatedLogFiles other = new SimulatedLogFiles(ProducingScript.ROOT);
    new ProducingScript(one).run();
    new ProducingScript(other).run();
    assertThat(one.trace()).isEqualTo(other.trace());
  }

  private static void cutTwice(Survival survival, int stride) throws IOException {
    long operations = operationsOfTheScript();
    for (long operation = 7; operation <= operations; operation += stride) {
      boolean crashedAgain = true;
      for (long second = 1; crashedAgain; second++) {
        SimulatedLogFiles files = new SimulatedLogFiles(ProducingScript.ROOT);
        ProducingScript script = crashed(files, operation);
        files.cutPower(survival, random(operation));
        files.crashAt(files.operations() + second);
        crashedAgain = crashesWhile(script::recoverAndGoOn);
        files.cutPower(survival, random(second));
        recover(script, survival + " at operation " + operation + ", then " + second + " later");
      }
    }
  }

  private static long operationsOfTheScript() throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(ProducingScript.ROOT);
    ProducingScript script = new ProducingScript(files);
    script.run();
    long operations = files.operations();
    script.recoverAndGoOn();
    return operations;
  }

  private static ProducingScript crashed(SimulatedLogFiles files, long operation) {
    files.crashAt(operation);
    ProducingScript script = new ProducingScript(files);
    assertThat(crashesWhile(script::run)).isTrue();
    return script;
  }

  private static void recover(ProducingScript script, String when) {
    try {
      script.recoverAndGoOn();
    } catch (AssertionError | IOException | RuntimeException failure) {
      throw new AssertionError(when + ": " + failure.getMessage(), failure);
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
