package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedCrash;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Crashes and faults at every operation while the start of a log moves: what was deleted stays
 * deleted, what was not stays.
 */
class TrimCrashTest {
  @ParameterizedTest
  @EnumSource(Survival.class)
  void keepsAndDeletesTheRightRecordsWhenPowerIsCutAtAnyOperation(Survival survival)
      throws IOException {
    long operations = operationsOfTheScript();
    assertThat(operations).isGreaterThan(200);
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = new SimulatedLogFiles(TrimmingScript.ROOT);
      TrimmingScript script = crashed(files, operation);
      files.cutPower(survival, random(operation));
      recover(script, survival + " at operation " + operation);
    }
  }

  @Test
  void keepsAndDeletesTheRightRecordsWhenKilledAtAnyOperation() throws IOException {
    long operations = operationsOfTheScript();
    for (long operation = 1; operation <= operations; operation++) {
      SimulatedLogFiles files = new SimulatedLogFiles(TrimmingScript.ROOT);
      TrimmingScript script = crashed(files, operation);
      files.kill();
      recover(script, "killed at operation " + operation);
    }
  }

  @ParameterizedTest
  @EnumSource(Survival.class)
  void keepsAndDeletesTheRightRecordsWhenRecoveryIsCutToo(Survival survival) throws IOException {
    long operations = operationsOfTheScript();
    for (long operation = 5; operation <= operations; operation += 13) {
      boolean crashedAgain = true;
      for (long second = 1; crashedAgain; second++) {
        SimulatedLogFiles files = new SimulatedLogFiles(TrimmingScript.ROOT);
        TrimmingScript script = crashed(files, operation);
        files.cutPower(survival, random(operation));
        files.crashAt(files.operations() + second);
        crashedAgain = crashesWhile(script::recoverAndGoOn);
        files.cutPower(survival, random(second));
        recover(script, survival + " at operation " + operation + ", then " + second + " later");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void keepsAndDeletesTheRightRecordsWhenAnyOperationFails(Fault fault) throws IOException {
    long operations = operationsOfTheScript();
    for (long operation = 1; operation <= operations; operation++) {
      for (Survival survival : Survival.values()) {
        SimulatedLogFiles files = new SimulatedLogFiles(TrimmingScript.ROOT);
        files.failAt(operation, fault);
        TrimmingScript script = new TrimmingScript(files);
        try {
          script.run();
        } catch (IOException openingFailed) {
          // the next open makes up for it
        }
        files.cutPower(survival, random(operation));
        recover(script, fault + " at operation " + operation + ", then " + survival);
      }
    }
  }

  private static long operationsOfTheScript() throws IOException {
    SimulatedLogFiles files = new SimulatedLogFiles(TrimmingScript.ROOT);
    TrimmingScript script = new TrimmingScript(files);
    script.run();
    long operations = files.operations();
    script.recoverAndGoOn();
    return operations;
  }

  private static TrimmingScript crashed(SimulatedLogFiles files, long operation) {
    files.crashAt(operation);
    TrimmingScript script = new TrimmingScript(files);
    assertThat(crashesWhile(script::run)).isTrue();
    return script;
  }

  private static void recover(TrimmingScript script, String when) {
    try {
      script.recoverAndGoOn();
    } catch (AssertionError | IOException | RuntimeException failure) {
      throw new AssertionError(when + ": " + failure.getMessage(), failure);
    }
  }

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
