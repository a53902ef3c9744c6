package dev.weir.broker.record;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.partition.PartitionOnBrokenDisk;
import dev.weir.broker.record.SubscribeOptions.StartAt;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionTailTest {
  private static final SharedReads READS = new SharedReads(Runnable::run, 1 << 20);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReadThatFailsAsNobodyForesawIsTold(boolean inMemory) throws Exception {
    try (PartitionOnBrokenDisk disk = new PartitionOnBrokenDisk(inMemory)) {
      Heard heard = new Heard();
      PartitionTail tail = new PartitionTail(disk.partition(), READS, heard);
      tail.start(new StartAt.Earliest());
      tail.fetch(0);
      assertThat(heard.failure.get(20, SECONDS).code()).isEqualTo(ErrorCode.INTERNAL);
    }
  }

  @Test
  void aTailThatWasClosedBeforeItsStartRanIsSilentForGood() throws IOException {
    try (PartitionOnBrokenDisk disk = new PartitionOnBrokenDisk(true)) {
      Heard heard = new Heard();
      PartitionTail tail = new PartitionTail(disk.partition(), READS, heard);
      tail.close();
      tail.start(new StartAt.Earliest());
      disk.delete();
      assertThat(heard.events).isEmpty();
    }
  }

  private static final class Heard implements PartitionTail.Listener {
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final CompletableFuture<WeirException> failure = new CompletableFuture<>();

    @Override
    public void onPiece(PartitionTail tail, Piece piece, long fromOffset) {
      events.add("piece");
    }

    @Override
    public void onWaiting(PartitionTail tail) {
      events.add("waiting");
    }

    @Override
    public void onReady(PartitionTail tail, long offset) {
      events.add("ready");
    }

    @Override
    public void onFailure(WeirException reason) {
      events.add("failure");
      failure.complete(reason);
    }
  }
}
