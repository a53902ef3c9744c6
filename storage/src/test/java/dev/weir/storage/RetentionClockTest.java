package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetentionClockTest {
  private static final Path FILE = Path.of("/data/retention-clock");

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private final ManualTime time = new ManualTime();

  @Test
  void isTheWallClockAsLongAsThatIsSteady() throws IOException {
    RetentionClock clock = RetentionClock.open(files, FILE, time);
    time.pass(Duration.ofMinutes(5));
    assertThat(clock.nowMillis()).isEqualTo(time.wallMillis());
    time.pass(Duration.ofDays(3));
    assertThat(clock.nowMillis()).isEqualTo(time.wallMillis());
  }

  @Test
  void followsAJumpAheadAtDoubleSpeedOnly() throws IOException {
    RetentionClock clock = RetentionClock.open(files, FILE, time);
    long before = clock.nowMillis();
    time.jump(Duration.ofDays(3650));
    assertThat(clock.nowMillis()).isEqualTo(before);
    time.pass(Duration.ofHours(1));
    assertThat(clock.nowMillis()).isEqualTo(before + Duration.ofHours(2).toMillis());
  }

  @Test
  void isRightAgainWhenAJumpHasBeenUndone() throws IOException {
    RetentionClock clock = RetentionClock.open(files, FILE, time);
    for (int days : new int[] {3650, -3650, -1, 1}) {
      time.jump(Duration.ofDays(days));
      assertThat(clock.nowMillis()).isLessThanOrEqualTo(1_700_000_000_000L);
    }
    time.pass(Duration.ofDays(1));
    assertThat(clock.nowMillis()).isEqualTo(time.wallMillis());
  }

  @Test
  void countsADayOfDowntimeAtMost() throws IOException {
    long before = RetentionClock.open(files, FILE, time).nowMillis();
    time.pass(Duration.ofHours(20));
    assertThat(RetentionClock.open(files, FILE, time).nowMillis()).isEqualTo(time.wallMillis());
    time.jump(Duration.ofDays(3650));
    RetentionClock afterJump = RetentionClock.open(files, FILE, time);
    assertThat(afterJump.nowMillis()).isEqualTo(before + Duration.ofHours(20 + 24).toMillis());
  }

  @Test
  void doesWithoutADamagedFile() throws IOException {
    SmallFile.replace(files, FILE, new byte[] {1, 2, 3});
    assertThat(RetentionClock.open(files, FILE, time).nowMillis()).isEqualTo(time.wallMillis());
  }
}
