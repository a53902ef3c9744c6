package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaked a buffer. Leaks a buffer of its own on purpose: once that one is
 * found, all others are found too, and if it is not found the check itself does not work.
 */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    findLeaks();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    assertThat(findLeaks()).isEmpty();
  }

  /** Everything that was leaked until now and not found before. */
  static List<String> findLeaks() {
    String mark = "leaked on purpose " + UUID.randomUUID();
    leak(mark);
    Awaitility.await("Netty's leak detection finds " + mark)
        .atMost(Duration.ofSeconds(60))
        .until(() -> collectAndLook(mark));
    List<String> leaks =
        RecordingLeakDetector.LEAKS.stream().filter(leak -> !leak.contains("on purpose")).toList();
    RecordingLeakDetector.LEAKS.clear();
    return leaks;
  }

  static void leak(String mark) {
    ByteBuf leaked = PooledByteBufAllocator.DEFAULT.directBuffer(16);
    leaked.touch(mark);
  }

  private static boolean collectAndLook(String mark) {
    System.gc();
    // Detection runs when the next buffer is tracked.
    PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    return RecordingLeakDetector.LEAKS.stream().anyMatch(leak -> leak.contains(mark));
  }
}
