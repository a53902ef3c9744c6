package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.FetchEvent;
import dev.weir.core.protocol.FetchHeader;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** One fetch stream of a {@link FakeBroker}; under the broker's lock. */
final class FakeFetch {
  private final FakeBroker broker;
  private final FakeLog log;
  private final FetchRequest request;
  private FluxSink<OutboundMessage> sink;
  private long nextOffset;
  private long framesRequested;
  private long framesSent;
  private boolean over;

  FakeFetch(FakeBroker broker, FakeLog log, FetchRequest request) {
    this.broker = broker;
    this.log = log;
    this.request = request;
    this.nextOffset = request.getOffset();
  }

  FetchRequest request() {
    return request;
  }

  long framesRequested() {
    synchronized (broker) {
      return framesRequested;
    }
  }

  long framesSent() {
    synchronized (broker) {
      return framesSent;
    }
  }

  boolean isOver() {
    synchronized (broker) {
      return over;
    }
  }

  Flux<OutboundMessage> flux() {
    return Flux.create(
        created -> {
          synchronized (broker) {
            sink = created;
            created.onDispose(
                () -> {
                  synchronized (broker) {
                    over = true;
                  }
                });
            created.onRequest(
                n -> {
                  synchronized (broker) {
                    framesRequested += n;
                    pump();
                  }
                });
          }
        });
  }

  /** Ends the stream the way a broker does, with this event and COMPLETE. */
  void endWith(FetchEvent event) {
    synchronized (broker) {
      over = true;
      sink.next(OutboundMessage.ofHeader(header(event)));
      sink.complete();
    }
  }

  /** Ends the stream without saying why. */
  void endSilently() {
    synchronized (broker) {
      over = true;
      sink.complete();
    }
  }

  void pump() {
    if (sink == null) {
      return;
    }
    if (!over && (nextOffset < log.startOffset() || nextOffset > log.endOffset())) {
      over = true;
      sink.error(
          new WeirException(
              ErrorCode.OFFSET_OUT_OF_RANGE, "offset " + nextOffset + " is not in the log"));
    }
    while (!over && framesSent < framesRequested && nextOffset < log.endOffset()) {
      ByteBuffer bytes = log.read(nextOffset, request.getMaxFrameBytes());
      nextOffset = lastOffsetIn(bytes) + 1;
      framesSent++;
      sink.next(OutboundMessage.of(header(FetchEvent.FETCH_DATA), bytes));
    }
  }

  private ByteBuffer header(FetchEvent event) {
    return ByteBuffer.wrap(
        FetchHeader.newBuilder()
            .setNextOffset(nextOffset)
            .setHighWatermark(log.endOffset())
            .setEvent(event)
            .build()
            .toByteArray());
  }

  private static long lastOffsetIn(ByteBuffer frame) {
    long last = -1;
    int position = 0;
    while (position < frame.limit()) {
      var batch = dev.weir.core.record.RecordBatch.at(frame, position);
      last = batch.lastOffset();
      position += batch.sizeInBytes();
    }
    return last;
  }
}
