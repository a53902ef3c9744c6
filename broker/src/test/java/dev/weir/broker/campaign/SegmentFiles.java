package dev.weir.broker.campaign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Reads a partition's segments with Kafka's own code, while no broker has them open. */
final class SegmentFiles {
  private final Path directory;
  private long bytesBehindLastBatch;

  SegmentFiles(Path directory) {
    this.directory = directory;
  }

  /** Gives the pass every record from its next offset on, up to the last whole batch. */
  void read(Pass pass) throws IOException {
    List<Path> logs;
    try (Stream<Path> files = Files.list(directory)) {
      logs = files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
    for (int i = 0; i < logs.size(); i++) {
      boolean lastSegment = i == logs.size() - 1;
      if ((lastSegment || baseOffset(logs.get(i + 1)) > pass.next())
          && !read(logs.get(i), pass)
          && !lastSegment) {
        return; // what follows a torn batch is no part of the log
      }
    }
  }

  /** Returns false when the segment ends in something that is no whole batch. */
  private boolean read(Path log, Pass pass) throws IOException {
    long position = 0;
    try (FileRecords records = FileRecords.open(log.toFile(), false)) {
      for (RecordBatch batch : records.batches()) {
        batch.ensureValid();
        for (Record record : batch) {
          if (record.offset() >= pass.next()) {
            ByteBuffer value = record.value();
            byte[] bytes = new byte[value.remaining()];
            value.get(bytes);
            pass.onRecord(record.offset(), bytes);
          }
        }
        position += batch.sizeInBytes();
      }
    } catch (KafkaException torn) {
      // the pass tells what is missing
    }
    bytesBehindLastBatch = Files.size(log) - position;
    return bytesBehindLastBatch == 0;
  }

  /** Of the last segment read: what an unfinished write left. */
  long bytesBehindLastBatch() {
    return bytesBehindLastBatch;
  }

  private static long baseOffset(Path log) {
    String name = String.valueOf(log.getFileName());
    return Long.parseLong(name.substring(0, name.indexOf('.')));
  }
}
