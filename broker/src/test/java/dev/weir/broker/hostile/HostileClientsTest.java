package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each attack once; {@code bin/campaign hostile} commits them for longer. A broker with 64 MiB of
 * heap and 64 MiB of direct memory has to survive all of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {
  private static final Duration QUIET = Duration.ofMillis(300);

  @TempDir private static Path dir;

  private Siege siege;

  @BeforeAll
  void start() throws Exception {
    siege = new Siege(dir, QUIET);
  }

  @TestFactory
  Stream<DynamicTest> survives() {
    return Siege.attacks().stream()
        .map(
            attack ->
                DynamicTest.dynamicTest(attack.toString(), () -> siege.run(attack, Duration.ZERO)));
  }

  @Test
  void hasAnAttackForEachRow() {
    assertThat(Siege.attacks())
        .extracting(Attack::row)
        .contains("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A10", "A11");
  }

  @AfterAll
  void nothingWasLost() throws Exception {
    try {
      System.out.println(siege.report().table());
      siege.finish();
    } finally {
      siege.close();
    }
  }
}
