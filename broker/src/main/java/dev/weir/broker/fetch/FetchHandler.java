package dev.weir.broker.fetch;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.route.Caller;
import dev.weir.broker.route.RequestSize;
import dev.weir.broker.route.RouteHandler;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.core.route.Routes;
import dev.weir.replication.Isolation;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Route {@code fetch}: one partition from an offset on, endless. */
public final class FetchHandler implements RouteHandler {
  private static final int DEFAULT_FRAME_BYTES = 256 << 10;
  private static final int MAX_FRAME_BYTES = 4 << 20;

  private final HostedPartitions partitions;
  private final Subscriptions subscriptions;
  private final Executor readExecutor;
  private final long maxFrames;

  /**
   * @param readExecutor runs reads that touch the disk ({@code weir-read-n})
   * @param maxFrames a stream rotates after so many
   */
  public FetchHandler(
      HostedPartitions partitions,
      Subscriptions subscriptions,
      Executor readExecutor,
      long maxFrames) {
    this.partitions = partitions;
    this.subscriptions = subscriptions;
    this.readExecutor = readExecutor;
    this.maxFrames = maxFrames;
  }

  @Override
  public Flux<OutboundMessage> requestStream(Caller caller, InboundMessage message) {
    FetchRequest request;
    try (message) {
      RequestSize.require(message, RequestSize.STREAM);
      request = parse(message);
    }
    HostedPartition partition = partitions.find(request.getTopicId(), request.getPartition());
    int frameBytes =
        request.getMaxFrameBytes() == 0
            ? DEFAULT_FRAME_BYTES
            : (int) Math.min(Integer.toUnsignedLong(request.getMaxFrameBytes()), MAX_FRAME_BYTES);
    FetchPosition from =
        new FetchPosition(
            request.getOffset(), request.getLeaderEpoch(), isolation(request), frameBytes);
    return new FetchStream(
        partition,
        from,
        readExecutor,
        maxFrames,
        () -> subscriptions.announce(caller.address(), Routes.FETCH, partition.name().topic()));
  }

  private static FetchRequest parse(InboundMessage message) {
    @Nullable ByteBuffer header = message.header();
    try {
      return FetchRequest.parseFrom(header != null ? header : message.data());
    } catch (InvalidProtocolBufferException e) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST, "the FetchRequest cannot be read: " + e.getMessage(), e);
    }
  }

  private static Isolation isolation(FetchRequest request) {
    return switch (request.getIsolation()) {
      case READ_UNCOMMITTED -> Isolation.READ_UNCOMMITTED;
      case READ_COMMITTED -> Isolation.READ_COMMITTED;
      case UNRECOGNIZED ->
          throw new WeirException(
              ErrorCode.INVALID_REQUEST,
              "isolation " + request.getIsolationValue() + " is not known");
    };
  }
}
