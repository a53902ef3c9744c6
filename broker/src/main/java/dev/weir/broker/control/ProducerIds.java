package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ProducerInitRequest;
import dev.weir.core.protocol.ProducerInitResponse;
import dev.weir.metadata.MetadataCommand.ReserveProducerIds;
import dev.weir.metadata.MetadataResult;
import dev.weir.metadata.MetadataStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Route {@code producer.init}: producer ids from blocks that are reserved durably, so that none is
 * ever given twice; a crash wastes the rest of a block. Any thread.
 */
final class ProducerIds implements ControlHandler.Action<ProducerInitRequest.Builder> {
  static final int BLOCK = 1000;
  private static final int MAX_WAITING = 10_000;

  private final MetadataStore store;
  private final Deque<CompletableFuture<ProducerInitResponse>> waiting = new ArrayDeque<>();
  private long next;
  private long endExclusive;
  private boolean reserving;

  ProducerIds(MetadataStore store) {
    this.store = store;
  }

  @Override
  public CompletionStage<? extends Message> answer(ProducerInitRequest.Builder request) {
    CompletableFuture<ProducerInitResponse> answer = new CompletableFuture<>();
    boolean reserve = false;
    synchronized (this) {
      if (next < endExclusive) {
        return CompletableFuture.completedStage(response(next++));
      }
      if (waiting.size() >= MAX_WAITING) {
        throw new WeirException(
            ErrorCode.OVERLOADED, MAX_WAITING + " producers wait for an id already");
      }
      waiting.add(answer);
      if (!reserving) {
        reserving = true;
        reserve = true;
      }
    }
    if (reserve) {
      reserveBlock();
    }
    return answer;
  }

  private void reserveBlock() {
    long first = store.images().current().nextProducerId();
    store
        .submit(new ReserveProducerIds(first, BLOCK))
        .whenComplete((result, failure) -> onReserved(first, result, failure));
  }

  private void onReserved(
      long first, @Nullable MetadataResult result, @Nullable Throwable failure) {
    if (failure != null) {
      failWaiting(failure);
    } else if (result instanceof MetadataResult.Applied) {
      giveOut(first);
    } else if (result instanceof MetadataResult.VersionConflict) {
      reserveBlock(); // another broker was faster
    } else {
      failWaiting(new WeirException(ErrorCode.INTERNAL, "no producer ids: " + result));
    }
  }

  private void giveOut(long first) {
    boolean another;
    Deque<Runnable> answers = new ArrayDeque<>();
    synchronized (this) {
      next = first;
      endExclusive = first + BLOCK;
      while (!waiting.isEmpty() && next < endExclusive) {
        CompletableFuture<ProducerInitResponse> answer = waiting.remove();
        ProducerInitResponse response = response(next++);
        answers.add(() -> answer.complete(response));
      }
      another = !waiting.isEmpty();
      reserving = another;
    }
    answers.forEach(Runnable::run);
    if (another) {
      reserveBlock();
    }
  }

  private void failWaiting(Throwable failure) {
    Deque<CompletableFuture<ProducerInitResponse>> failed;
    synchronized (this) {
      failed = new ArrayDeque<>(waiting);
      waiting.clear();
      reserving = false;
    }
    failed.forEach(answer -> answer.completeExceptionally(failure));
  }

  private static ProducerInitResponse response(long id) {
    return ProducerInitResponse.newBuilder().setProducerId(id).setProducerEpoch(0).build();
  }
}
