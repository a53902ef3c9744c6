package dev.weir.client;

import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.time.Time;
import java.util.Queue;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;

/**
 * Makes and seals the batches of one producer and keeps its memory accounts: a record's bytes are
 * held from append until its batch is resolved, its overhead until its result is taken. Any thread.
 */
final class BatchSource {
  /** Builders kept for later batches; each has grown to about a batch. */
  private static final int SPARE_BUILDERS = 32;

  private final ProducerSettings<?, ?> settings;
  private final MemoryBudget budget;
  private final Time time;
  private final Queue<RecordBatchBuilder> spare = new MpmcAtomicArrayQueue<>(SPARE_BUILDERS);

  BatchSource(ProducerSettings<?, ?> settings, MemoryBudget budget, Time time) {
    this.settings = settings;
    this.budget = budget;
    this.time = time;
  }

  ProducerBatch newBatch(PartitionTarget target) {
    RecordBatchBuilder builder = spare.poll();
    if (builder == null) {
      builder = new RecordBatchBuilder(settings.compression(), settings.batchBytes());
    }
    return new ProducerBatch(target, builder, time.nanos());
  }

  /** Accounts for a record. */
  void onAppended(int bytes) {
    budget.take(bytes + ProducerBatch.RECORD_OVERHEAD_BYTES);
  }

  /** Compresses and checksums a batch that nobody appends to any more. */
  void seal(ProducerBatch batch) {
    int before = batch.estimatedBytes();
    RecordBatchBuilder builder = batch.seal();
    spare.offer(builder); // one too many is dropped
    budget.give(before - batch.sizeInBytes());
  }

  /** Gives back the bytes of a batch that is about to be resolved. */
  void release(ProducerBatch batch) {
    budget.give(batch.sizeInBytes());
  }
}
