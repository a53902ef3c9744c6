package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A crash or a fault at every operation of every script ends in a legal state. The number of points
 * run is a line per script in {@code target/crash-points.txt}; {@code bin/campaign crash-points}
 * prints it.
 */
class CrashPointsTest {
  private static final Path REPORT = Path.of("target", "crash-points.txt");

  @ParameterizedTest
  @EnumSource(CrashScripts.class)
  void recoversFromACrashAndFromAFaultAtAnyOperation(CrashScripts script) throws IOException {
    CrashDriver driver = new CrashDriver(script);
    assertThat(driver.operations()).isGreaterThan(script.leastOperations());
    for (Survival survival : Survival.values()) {
      driver.cutPower(survival);
      driver.cutPowerTwice(survival, 37);
    }
    driver.kill();
    driver.killAndCutPowerLater();
    for (Fault fault : Fault.values()) {
      driver.fail(fault, Survival.NONE);
      driver.fail(fault, Survival.TORN);
    }
    driver.failAndKill();
    assertThat(driver.failedFlushes()).isGreaterThan(5);
    report(script, driver);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(CrashScripts.class)
  void recoversFromTwoCrashesAtAnyOperations(CrashScripts script) throws IOException {
    CrashDriver driver = new CrashDriver(script);
    for (Survival survival : Survival.values()) {
      driver.cutPowerTwice(survival, 1);
      for (Fault fault : Fault.values()) {
        driver.fail(fault, survival);
      }
    }
    report(script, driver);
  }

  @ParameterizedTest
  @EnumSource(CrashScripts.class)
  void doesTheSameOperationsEveryTime(CrashScripts script) throws IOException {
    SimulatedLogFiles one = new SimulatedLogFiles(CrashScript.ROOT);
    SimulatedLogFiles other = new SimulatedLogFiles(CrashScript.ROOT);
    script.begin(one).run();
    script.begin(other).run();
    assertThat(one.trace()).isEqualTo(other.trace());
  }

  /** Only reached when every point was legal. */
  private static void report(CrashScripts script, CrashDriver driver) throws IOException {
    String line =
        String.format(
            "%s: %,d operations; crash points %,d; failing operations %,d; all recovered to a legal"
                + " state%n",
            script, driver.operations(), driver.crashPoints(), driver.failingOperations());
    Files.writeString(REPORT, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
