package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ConsumerBatch;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.test.publisher.TestPublisher;

class ArrivalQueueTest {
  private final TestPublisher<ConsumerBatch> batches = TestPublisher.create();
  private static final int WINDOW = 16;

  private final ArrivalQueue<ConsumerBatch> queue = new ArrivalQueue<>(WINDOW);

  @Test
  void asksForAWindowAndThenForOneMorePerBatchTaken() {
    batches.subscribe(queue);
    for (int i = 0; i < WINDOW; i++) {
      batches.next(batch(i));
    }
    assertThat(queue.poll()).isEqualTo(new ArrivalQueue.Arrival<>(batch(0)));
    queue.more();
    batches.next(batch(WINDOW)); // one more than was asked for would be refused
    batches.assertNoRequestOverflow();
  }

  @Test
  void theEndComesAfterWhatIsInTheQueue() {
    batches.subscribe(queue);
    batches.next(batch(0)).complete();
    assertThat(queue.poll()).isInstanceOf(ArrivalQueue.Arrival.class);
    assertThat(queue.poll()).isEqualTo(new ArrivalQueue.End<>(null));
  }

  @Test
  void stoppingCancelsAndEnds() {
    batches.subscribe(queue);
    queue.stop();
    batches.assertCancelled();
    assertThat(queue.poll()).isEqualTo(new ArrivalQueue.End<>(null));
  }

  @Test
  void asksForManyInPortions() {
    ArrivalQueue<ConsumerBatch> many = new ArrivalQueue<>(160);
    TestPublisher<ConsumerBatch> source = TestPublisher.create();
    source.subscribe(many);
    for (int i = 0; i < 9; i++) {
      many.more();
    }
    source.assertMaxRequested(160);
    many.more();
    source.assertMinRequested(170);
  }

  @Test
  void anEndInTheQueueLeavesTheSubscription() {
    batches.subscribe(queue);
    batches.next(batch(0));
    queue.end();
    batches.next(batch(1)).assertNotCancelled();
    assertThat(queue.poll()).isInstanceOf(ArrivalQueue.Arrival.class);
    assertThat(queue.poll()).isEqualTo(new ArrivalQueue.End<>(null));
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
