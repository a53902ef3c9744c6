package dev.weir.examples;

import dev.weir.client.CommitSettings;
import dev.weir.client.ConsumerControl;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.GroupSubscription;
import dev.weir.client.ReceiverRecord;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirConsumer;
import dev.weir.core.topic.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** The ways to receive as a member of a consumer group, each with a step that takes its time. */
final class GroupModes {
  /** What an application does with a record. */
  interface Step {
    Mono<Void> process(ConsumerRecord<String, String> record);
  }

  private final WeirConsumer<String, String> consumer;
  private final GroupSubscription group;
  private final Step step;

  GroupModes(WeirConsumer<String, String> consumer, GroupSubscription group, Step step) {
    this.consumer = consumer;
    this.group = group;
    this.step = step;
  }

  /** One record after the other. */
  Flux<ReceiverRecord<String, String>> inOrder() {
    return consumer.receiveAutoAck(group).concatMap(this::processed, 0);
  }

  /** Sixteen at a time; they may be done in any order. */
  Flux<ReceiverRecord<String, String>> sixteenAtATime() {
    return consumer
        .receive(group)
        .flatMap(record -> processed(record).doOnNext(ReceiverRecord::acknowledge), 16);
  }

  /** Partitions beside each other, each in order. */
  Flux<ReceiverRecord<String, String>> byPartition() {
    return consumer
        .receivePartitions(group)
        .flatMap(
            partition ->
                partition.concatMap(
                    record -> processed(record).doOnNext(ReceiverRecord::acknowledge), 0),
            Integer.MAX_VALUE);
  }

  /** Rather not at all than twice. */
  Flux<ConsumerRecord<String, String>> atMostOnce() {
    return consumer
        .receiveAtMostOnce(group.withCommits(CommitSettings.defaults().withAtMostOnceRecords(50)))
        .concatMap(record -> step.process(record).thenReturn(record), 0);
  }

  /** Paused while the last value is false. */
  Flux<ReceiverRecord<String, String>> gated(Publisher<Boolean> open) {
    return consumer.receiveAutoAck(group.gatedBy(open)).concatMap(this::processed, 0);
  }

  /** Under a control, which seeks, commits and tells of progress while it runs. */
  Flux<ReceiverRecord<String, String>> controlled(ConsumerControl control) {
    return consumer.receiveAutoAck(group.controlledBy(control)).concatMap(this::processed, 0);
  }

  /** Has a partition of the running subscription read again. */
  static Mono<Void> again(ConsumerControl control, TopicPartition partition, Instant since) {
    return control.seek(partition, StartingPosition.timestamp(since));
  }

  /** What cannot be processed in five attempts is passed on instead, and no longer in the way. */
  Flux<ReceiverRecord<String, String>> withRetries(Step deadLetters) {
    return consumer
        .receive(group)
        .concatMap(
            record ->
                processed(record)
                    .retryWhen(Retry.backoff(4, Duration.ofMillis(10)))
                    .onErrorResume(
                        error -> deadLetters.process(record.toConsumerRecord()).thenReturn(record))
                    .doOnNext(ReceiverRecord::acknowledge),
            0);
  }

  private Mono<ReceiverRecord<String, String>> processed(ReceiverRecord<String, String> record) {
    return step.process(record.toConsumerRecord()).thenReturn(record);
  }
}
