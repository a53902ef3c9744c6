package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
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
  private static final Path PROGRESS = Path.of("target", "crash-points-progress.txt");

  @ParameterizedTest
  @EnumSource(CrashScripts.class)
  void recoversFromACrashAndFromAFaultAtAnyOperation(CrashScripts script) throws IOException {
    CrashDriver driver = new CrashDriver(script);
    assertThat(driver.operations()).isGreaterThan(script.leastOperations());
    for (Survival survival : Survival.values()) {
      driver.cutPower(survival);
      driver.cutPowerTwice(survival, 37, 5);
    }
    driver.kill();
    driver.killAndCutPowerLater();
    for (Fault fault : Fault.values()) {
      driver.fail(fault, Survival.NONE);
      driver.fail(fault, Survival.TORN);
    }
    driver.failAndKill();
    assertThat(driver.failedFlushes()).isGreaterThan(5);
    report(script, driver, "");
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(CrashScripts.class)
  void recoversFromTwoCrashesAtAnyOperations(CrashScripts script) throws IOException {
    CrashDriver driver = new CrashDriver(script);
    long end = System.nanoTime() + timeOfAScript().toNanos();
    for (Survival survival : Survival.values()) {
      for (Fault fault : Fault.values()) {
        driver.fail(fault, survival);
      }
    }
    long firsts =
        driver.cutPowerTwiceUntil(
            () -> System.nanoTime() - end > 0, done -> progress(script, driver, done));
    assertThat(firsts).isPositive();
    report(script, driver, second(driver, firsts));
  }

  private static Duration timeOfAScript() {
    long minutes = Long.getLong("weir.crashPoints.minutes", 30);
    return Duration.ofMinutes(minutes).dividedBy(CrashScripts.values().length);
  }

  private static void progress(CrashScripts script, CrashDriver driver, long done) {
    if (done % 10 != 1) {
      return;
    }
    String line =
        String.format(
            "%s: %,d crash points%s%n", script, driver.crashPoints(), second(driver, done));
    try {
      Files.writeString(PROGRESS, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String second(CrashDriver driver, long firsts) {
    return String.format(
        "; a second crash anywhere after %,d of %,d first ones", firsts, driver.operations());
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
  private static void report(CrashScripts script, CrashDriver driver, String more)
      throws IOException {
    String line =
        String.format(
            "%s: %,d operations; crash points %,d; failing operations %,d%s; all recovered to a"
                + " legal state%n",
            script, driver.operations(), driver.crashPoints(), driver.failingOperations(), more);
    Files.writeString(REPORT, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
