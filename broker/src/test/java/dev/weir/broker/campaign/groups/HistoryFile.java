package dev.weir.broker.campaign.groups;

import dev.weir.client.GroupListener;
import dev.weir.client.PartitionProgress;
import dev.weir.client.ReceiverRecord;
import dev.weir.core.topic.TopicPartition;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes what a member does, as {@link MemberHistory} reads it. A record is acknowledged only when
 * the file has it, so that a kill cannot take away what others will not repeat. Any thread.
 */
final class HistoryFile implements GroupListener, AutoCloseable {
  private static final int SPAN_MILLIS = 100;
  private static final int MOST_HELD = 2_000;

  private final OutputStream out;
  private final StringBuilder lines = new StringBuilder();
  private final Map<Integer, Span> open = new HashMap<>();
  private final Map<Integer, Long> committed = new HashMap<>();
  private final List<ReceiverRecord<byte[], byte[]>> held = new ArrayList<>();
  private boolean closed;

  HistoryFile(Path file) throws IOException {
    this.out = Files.newOutputStream(file);
  }

  synchronized void onRecord(ReceiverRecord<byte[], byte[]> record) {
    long now = System.currentTimeMillis();
    Payload payload = Payload.decode(record.value());
    if (payload == null
        || payload.partition() != record.partition()
        || payload.counter() != record.offset()) {
      line("F %d %s is %s".formatted(now, record, payload));
    }
    Span span = open.get(record.partition());
    if (span != null && record.offset() == span.last() + 1 && now - span.from() <= SPAN_MILLIS) {
      open.put(
          record.partition(),
          new Span(span.partition(), span.first(), record.offset(), span.from(), now));
    } else {
      endSpan(record.partition());
      open.put(
          record.partition(),
          new Span(record.partition(), record.offset(), record.offset(), now, now));
    }
    held.add(record);
    if (held.size() >= MOST_HELD) {
      flush();
    }
  }

  @Override
  public synchronized void onAssigned(List<TopicPartition> partitions) {
    ownership('A', partitions);
  }

  @Override
  public synchronized void onRevoked(List<TopicPartition> partitions) {
    partitions.forEach(partition -> endSpan(partition.partition()));
    ownership('R', partitions);
  }

  @Override
  public synchronized void onLost(List<TopicPartition> partitions) {
    partitions.forEach(partition -> endSpan(partition.partition()));
    ownership('L', partitions);
  }

  private void ownership(char what, List<TopicPartition> partitions) {
    long now = System.currentTimeMillis();
    for (TopicPartition partition : partitions) {
      committed.remove(partition.partition());
      line("%c %d %d".formatted(what, now, partition.partition()));
    }
    flush();
  }

  synchronized void onProgress(List<PartitionProgress> progress) {
    for (PartitionProgress each : progress) {
      int partition = each.partition().partition();
      Long before = committed.put(partition, each.committed());
      if (each.committed() >= 0 && (before == null || before != each.committed())) {
        line("C %d %d %d".formatted(System.currentTimeMillis(), partition, each.committed()));
      }
    }
  }

  synchronized void onFailure(Throwable failure) {
    line("X %d %s".formatted(System.currentTimeMillis(), failure).replace('\n', ' '));
    flush();
  }

  /** The subscription is over. */
  synchronized void end() {
    List.copyOf(open.keySet()).forEach(this::endSpan);
    line("E %d".formatted(System.currentTimeMillis()));
    flush();
  }

  private void endSpan(int partition) {
    Span span = open.remove(partition);
    if (span != null) {
      line(
          "P %d %d %d %d %d"
              .formatted(span.from(), span.to(), span.partition(), span.first(), span.last()));
    }
  }

  private void line(String text) {
    lines.append(text).append('\n');
  }

  /** Writes what there is with one call, then acknowledges it. */
  synchronized void flush() {
    if (closed) {
      return;
    }
    List.copyOf(open.keySet()).forEach(this::endSpan);
    try {
      out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lines.setLength(0);
    held.forEach(ReceiverRecord::acknowledge);
    held.clear();
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    out.close();
  }
}
