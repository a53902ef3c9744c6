package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.blockhound.BlockingOperationError;

@ExtendWith(NoBlocking.class)
class NoBlockingTest {
  private final IoLoops loops = new IoLoops(1);

  @TempDir private Path dir;

  @AfterEach
  void close() {
    loops.disposeLater().block(Duration.ofSeconds(10));
  }

  @Test
  void catchesDiskAccessOnAnEventLoop() throws Exception {
    Path path = Files.writeString(dir.resolve("f"), "text");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      assertThat(failureOnLoop(() -> file.read(ByteBuffer.allocateDirect(1), 0)))
          .isInstanceOf(BlockingOperationError.class);
      assertThat(failureOnLoop(() -> file.write(ByteBuffer.allocateDirect(1), 0)))
          .isInstanceOf(BlockingOperationError.class);
      assertThat(
              failureOnLoop(
                  () -> {
                    file.force(false);
                    return 0;
                  }))
          .isInstanceOf(BlockingOperationError.class);
      assertThatCode(() -> file.read(ByteBuffer.allocateDirect(1), 0)).doesNotThrowAnyException();
    }
  }

  @Test
  void catchesSleepOnAnEventLoop() throws Exception {
    assertThat(
            failureOnLoop(
                () -> {
                  Thread.sleep(1);
                  return 0;
                }))
        .isInstanceOf(BlockingOperationError.class);
  }

  /** Its queue has locks, which are held for a few instructions; here one is slow. */
  @Test
  void letsAnExecutorTakeTasks() throws Exception {
    ThreadPoolExecutor reads = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new SlowQueue());
    try {
      reads.execute(() -> {});
      assertThat(
              failureOnLoop(
                  () -> {
                    reads.execute(() -> {});
                    return 0;
                  }))
          .isNull();
    } finally {
      reads.shutdown();
    }
  }

  @SuppressWarnings("serial")
  private static final class SlowQueue extends LinkedBlockingQueue<Runnable> {
    @Override
    public boolean offer(Runnable task) {
      LockSupport.parkNanos(1000);
      return super.offer(task);
    }
  }

  private Throwable failureOnLoop(Callable<Integer> call) throws Exception {
    try {
      loops.onServer(true).submit(call).get(30, TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}
