package dev.weir.broker.produce;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.replication.AckListener;
import dev.weir.replication.ProduceOutcome;
import dev.weir.replication.RequiredAcks;
import dev.weir.transport.rsocket.InboundMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a message to the partition it names: the one place where a batch changes threads. */
final class BatchIntake {
  private static final Logger LOG = LoggerFactory.getLogger(BatchIntake.class);

  /** The bytes of a batch have been given up. */
  interface Closed {
    /**
     * Called once.
     *
     * @param behind whether its partition is behind with its disk or its replicas
     */
    void onClosed(boolean behind);
  }

  private final HostedPartitions partitions;

  BatchIntake(HostedPartitions partitions) {
    this.partitions = partitions;
  }

  /** INVALID_REQUEST when there is no readable header. */
  static ProduceHeader header(InboundMessage message) {
    @Nullable ByteBuffer header = message.header();
    if (header == null) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "the batch has no metadata entry application/x.weir.v1+protobuf with its ProduceHeader");
    }
    try {
      return ProduceHeader.parseFrom(header);
    } catch (InvalidProtocolBufferException e) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST, "the ProduceHeader cannot be read: " + e.getMessage(), e);
    }
  }

  HostedPartition partition(ProduceHeader header) {
    return partitions.find(header.getTopicId(), header.getPartition());
  }

  static RequiredAcks acks(ProduceHeader header) {
    return switch (header.getAcks()) {
      case ACKS_ALL -> RequiredAcks.ALL;
      case ACKS_LEADER -> RequiredAcks.LEADER;
      case ACKS_NONE -> RequiredAcks.NONE;
      case UNRECOGNIZED ->
          throw new WeirException(
              ErrorCode.INVALID_REQUEST, "acks " + header.getAcksValue() + " is not known");
    };
  }

  /**
   * Appends the message's data in the partition's loop; messages of one thread for one partition
   * keep their order. The message is closed as soon as its bytes are in the log or refused.
   *
   * @param onClosed told after the message was closed, in the loop
   * @param listener told once, in the loop
   * @throws WeirException nothing was handed over: the message is closed, neither callback comes
   */
  static void append(
      HostedPartition partition,
      RequiredAcks acks,
      InboundMessage message,
      Closed onClosed,
      AckListener listener) {
    AckListener once = listener.once();
    try {
      partition.execute(
          () -> {
            try {
              partition.append(message.data(), acks, once);
            } catch (RuntimeException e) {
              LOG.error("append to {} failed", partition, e);
              once.onAcknowledged(
                  new ProduceOutcome.Failed(
                      ErrorCode.INTERNAL, "append to " + partition + " failed unexpectedly"));
            } finally {
              message.close();
              onClosed.onClosed(partition.replica().isBehind());
            }
          });
    } catch (WeirException e) {
      message.close();
      throw e;
    }
  }
}
