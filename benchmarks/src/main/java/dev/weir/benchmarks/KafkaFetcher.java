package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Fetches partition 0 of a topic of a Kafka broker from its beginning, with the sizes a Kafka
 * consumer asks for, the next request as soon as an answer is complete; begins again at the end.
 * Batches are stepped over as they come and not kept: a consumer does much more.
 */
final class KafkaFetcher implements Speaker {
  private static final short VERSION = 12; // the last that names topics
  private static final int MAX_WAIT_MILLIS = 500;
  private static final int MAX_BYTES = 50 << 20;
  private static final int MAX_PARTITION_BYTES = 1 << 20;

  /** To the last offset delta of a batch. */
  private static final int BATCH_HEADER_BYTES = 27;

  private static final int BATCH_LENGTH_AT = 8;
  private static final int BYTES_BEFORE_LENGTH = 12;
  private static final int LAST_DELTA_AT = 23;

  private final String topic;
  private final long endOffset;
  private final int prefixBytes;
  private final ByteBuffer prefix;
  private final ByteBuffer batch = ByteBuffer.allocate(BATCH_HEADER_BYTES);
  private final AtomicLong dataBytes = new AtomicLong(); // written by the load's thread
  private final AtomicLong messages = new AtomicLong();
  private final @Nullable TailCounter tail;
  private boolean inBatch;
  private int correlation;
  private long nextOffset;
  private boolean inPrefix = true;
  private long responseLeft;
  private long recordsLeft;
  private long skip;

  KafkaFetcher(String topic, long endOffset) {
    this(topic, 0, endOffset, null);
  }

  /** One who reads whole batches as they come from an offset on, without an end. */
  static KafkaFetcher tailing(String topic, long offset, TailCounter tail) {
    return new KafkaFetcher(topic, offset, Long.MAX_VALUE, tail);
  }

  private KafkaFetcher(String topic, long offset, long endOffset, @Nullable TailCounter tail) {
    this.nextOffset = offset;
    this.tail = tail;
    this.topic = topic;
    this.endOffset = endOffset;
    // size, correlation, tags, throttle, error, session, topics, name, partitions, partition,
    // error, three offsets, aborted, replica
    this.prefixBytes = 4 + 4 + 1 + 4 + 2 + 4 + 1 + (1 + topic.length()) + 1 + 4 + 2 + 3 * 8 + 1 + 4;
    this.prefix = ByteBuffer.allocate(prefixBytes + 5);
  }

  @Override
  public ByteBuffer greeting() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public ByteBuffer opening() {
    FetchRequest.PartitionData from =
        new FetchRequest.PartitionData(
            Uuid.ZERO_UUID, nextOffset, -1, MAX_PARTITION_BYTES, Optional.empty());
    ByteBuffer request =
        FetchRequest.Builder.forConsumer(
                VERSION, MAX_WAIT_MILLIS, 1, Map.of(new TopicPartition(topic, 0), from))
            .setMaxBytes(MAX_BYTES)
            .build(VERSION)
            .serializeWithHeader(
                new RequestHeader(ApiKeys.FETCH, VERSION, "benchmark", ++correlation));
    return ByteBuffer.allocate(4 + request.remaining())
        .putInt(request.remaining())
        .put(request)
        .flip();
  }

  @Override
  public @Nullable ByteBuffer onBytes(ByteBuffer bytes) throws IOException {
    boolean complete = false;
    while (bytes.hasRemaining()) {
      if (inPrefix) {
        prefix.put(bytes.get());
        if (prefix.position() > prefixBytes && prefix.get(prefix.position() - 1) >= 0) {
          onPrefix();
        }
      } else if (skip > 0) {
        take(bytes, (int) Math.min(skip, bytes.remaining()));
      } else if (recordsLeft >= BATCH_HEADER_BYTES) {
        batch.put(bytes.get());
        responseLeft--;
        if (!batch.hasRemaining()) {
          onBatch();
        }
      } else {
        skip = responseLeft; // a cut batch, tags
        inBatch = false;
      }
      if (!inPrefix && responseLeft == 0) {
        inPrefix = true;
        complete = true;
      }
    }
    if (!complete) {
      return null;
    }
    messages.lazySet(messages.get() + 1);
    if (nextOffset >= endOffset) {
      nextOffset = 0;
    }
    return opening();
  }

  private void take(ByteBuffer bytes, int count) {
    if (tail != null && inBatch) {
      tail.take(bytes, count);
    } else {
      bytes.position(bytes.position() + count);
    }
    skip -= count;
    responseLeft -= count;
  }

  private void onPrefix() throws IOException {
    int nameAt = 4 + 4 + 1 + 4 + 2 + 4 + 1 + 1;
    byte[] name = new byte[topic.length()];
    prefix.get(nameAt, name);
    int error = prefix.getShort(13);
    int partitionError = prefix.getShort(nameAt + name.length + 1 + 4);
    if (error != 0
        || partitionError != 0
        || !new String(name, StandardCharsets.UTF_8).equals(topic)) {
      throw new IOException("Kafka refuses a fetch with error " + error + ", " + partitionError);
    }
    recordsLeft = 0;
    for (int at = prefixBytes; at < prefix.position(); at++) {
      recordsLeft |= (prefix.get(at) & 0x7fL) << (7 * (at - prefixBytes));
    }
    recordsLeft--; // a compact length is one more
    responseLeft = prefix.getInt(0) + 4L - prefix.position();
    prefix.clear();
    inPrefix = false;
  }

  private void onBatch() {
    long size = batch.getInt(BATCH_LENGTH_AT) + (long) BYTES_BEFORE_LENGTH;
    if (size <= recordsLeft) {
      nextOffset = batch.getLong(0) + batch.getInt(LAST_DELTA_AT) + 1;
      dataBytes.lazySet(dataBytes.get() + size);
      recordsLeft -= size;
      skip = size - BATCH_HEADER_BYTES;
      inBatch = true;
      if (tail != null) {
        tail.take(batch.flip(), BATCH_HEADER_BYTES);
      }
    } else {
      recordsLeft = 0;
    }
    batch.clear();
  }

  @Override
  public @Nullable ByteBuffer onTick(long nowNanos) {
    return null;
  }

  @Override
  public long dataBytes() {
    return dataBytes.get();
  }

  @Override
  public long messages() {
    return messages.get();
  }
}
