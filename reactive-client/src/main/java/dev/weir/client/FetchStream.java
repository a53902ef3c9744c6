package dev.weir.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.protocol.FetchHeader;
import dev.weir.transport.rsocket.InboundMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One fetch stream: copies each payload to the heap where it arrives, gives the message back at
 * once and brings the rest into the loop. Afterwards nothing here holds memory of the transport, so
 * a cancellation has nothing to release.
 */
final class FetchStream implements CoreSubscriber<InboundMessage> {
  /** What arrives, in the loop, in order. */
  interface Listener {
    void onFrame(FetchStream stream, FetchHeader header, ByteBuffer bytes);

    /** The stream is over; no error: the broker completed it. */
    void onEnd(FetchStream stream, @Nullable Throwable error);
  }

  private final PartitionLoop loop;
  private final Listener listener;
  private final long firstRequest;
  private volatile @Nullable Subscription subscription;
  private volatile boolean cancelled;

  FetchStream(PartitionLoop loop, Listener listener, long firstRequest) {
    this.loop = loop;
    this.listener = listener;
    this.firstRequest = firstRequest;
  }

  void request(long frames) {
    Subscription broker = subscription;
    if (broker != null && frames > 0) {
      broker.request(frames);
    }
  }

  void cancel() {
    cancelled = true;
    Subscription broker = subscription;
    if (broker != null) {
      broker.cancel();
    }
  }

  @Override
  public void onSubscribe(Subscription broker) {
    if (Operators.validate(subscription, broker)) {
      subscription = broker;
      if (cancelled) {
        broker.cancel();
      } else {
        broker.request(firstRequest);
      }
    }
  }

  @Override
  public void onNext(InboundMessage message) {
    try (message) {
      if (!cancelled) {
        FetchHeader header = FetchHeader.parseFrom(requireHeader(message));
        ByteBuffer data = message.data();
        ByteBuffer bytes = ByteBuffer.allocate(data.remaining()).put(data).flip();
        ClientThreads.post(loop, () -> listener.onFrame(this, header, bytes));
      }
    } catch (InvalidProtocolBufferException e) {
      fail(
          new WeirException(
              ErrorCode.INTERNAL, "a fetch header cannot be read: " + e.getMessage(), e));
    } catch (WeirException e) {
      fail(e);
    }
  }

  @Override
  public void onError(Throwable error) {
    ClientThreads.post(loop, () -> listener.onEnd(this, error));
  }

  @Override
  public void onComplete() {
    ClientThreads.post(loop, () -> listener.onEnd(this, null));
  }

  private void fail(WeirException error) {
    cancel();
    onError(error);
  }

  private static ByteBuffer requireHeader(InboundMessage message) {
    ByteBuffer header = message.header();
    if (header == null) {
      throw new WeirException(ErrorCode.INTERNAL, "a fetch payload came without its header");
    }
    return header;
  }
}
