package dev.weir.broker.cli;

import dev.weir.client.ConsumerBatch;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import java.io.IOException;
import java.io.OutputStream;

/** Prints records into a large buffer; counts them and stops at a limit. One thread. */
final class RecordPrinter implements ArrivalPrinter<ConsumerBatch> {
  private static final int BUFFER_BYTES = 256 << 10;

  private final RecordFormat format;
  private final OutputStream out;
  private final long maxRecords;
  private final ByteSink buffer = new ByteSink(BUFFER_BYTES + (BUFFER_BYTES >> 2));
  private volatile long printed; // written by the printing thread alone

  RecordPrinter(RecordFormat format, OutputStream out, long maxRecords) {
    this.format = format;
    this.out = out;
    this.maxRecords = maxRecords;
  }

  @Override
  public long printed() {
    return printed;
  }

  @Override
  public boolean isFull() {
    return printed >= maxRecords;
  }

  /**
   * Prints the records of a batch from its first wanted offset on, as many as are still allowed.
   *
   * @throws WeirException CORRUPT_BATCH
   */
  @Override
  public void print(ConsumerBatch received) throws IOException {
    RecordBatch batch = received.batch();
    if (!batch.crcMatches()) {
      throw new WeirException(
          ErrorCode.CORRUPT_BATCH,
          "the batch at offset "
              + batch.baseOffset()
              + " of "
              + received.topic()
              + "-"
              + received.partition()
              + " does not match its checksum");
    }
    long count = printed;
    try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
      while (count < maxRecords && records.next()) {
        if (records.offset() >= received.firstOffset()) {
          format.write(received.partition(), records, buffer);
          count++;
          if (buffer.size() >= BUFFER_BYTES) {
            flush();
          }
        }
      }
    } finally {
      printed = count;
    }
  }

  @Override
  public void flush() throws IOException {
    if (buffer.size() > 0) {
      buffer.writeTo(out);
      buffer.clear();
    }
  }
}
