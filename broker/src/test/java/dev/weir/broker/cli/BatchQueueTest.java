package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ConsumerBatch;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.test.publisher.TestPublisher;

class BatchQueueTest {
  private final TestPublisher<ConsumerBatch> batches = TestPublisher.create();
  private final BatchQueue queue = new BatchQueue();

  @Test
  void asksForAWindowAndThenForOneMorePerBatchTaken() {
    batches.subscribe(queue);
    for (int i = 0; i < BatchQueue.WINDOW; i++) {
      batches.next(batch(i));
    }
    assertThat(queue.poll()).isEqualTo(new BatchQueue.Batch(batch(0)));
    queue.more();
    batches.next(batch(BatchQueue.WINDOW)); // one more than was asked for would be refused
    batches.assertNoRequestOverflow();
  }

  @Test
  void theEndComesAfterWhatIsInTheQueue() {
    batches.subscribe(queue);
    batches.next(batch(0)).complete();
    assertThat(queue.poll()).isInstanceOf(BatchQueue.Batch.class);
    assertThat(queue.poll()).isEqualTo(new BatchQueue.End(null));
  }

  @Test
  void stoppingCancelsAndEnds() {
    batches.subscribe(queue);
    queue.stop();
    batches.assertCancelled();
    assertThat(queue.poll()).isEqualTo(new BatchQueue.End(null));
  }

  private final RecordBatch records = oneRecord();

  private ConsumerBatch batch(long offset) {
    return new ConsumerBatch("t", 0, offset, records);
  }

  private static RecordBatch oneRecord() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1024);
    builder.append(1, null, new byte[1], List.of());
    return RecordBatch.at(builder.build(), 0);
  }
}
