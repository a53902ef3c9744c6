package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.topic.TopicPartition;
import java.time.Duration;

/** What a {@link FakeBroker} does to one batch. */
sealed interface Fault {
  /** Nothing. */
  record None() implements Fault {}

  /** The connection breaks before the batch is appended. */
  record DropBefore() implements Fault {}

  /** The connection breaks after the batch is appended, before it is acknowledged. */
  record DropAfter() implements Fault {}

  /** The batch is appended but the acknowledgement never comes. */
  record NoAnswer() implements Fault {}

  /** The batch is neither appended nor answered. */
  record Swallow() implements Fault {}

  /** The acknowledgement comes twice. */
  record AnswerTwice() implements Fault {}

  /** The acknowledgement comes late, after later ones. */
  record Delay(Duration delay) implements Fault {}

  /** The batch is refused. */
  record Refuse(ErrorCode code) implements Fault {}

  Fault NONE = new None();

  /** Decides for each batch that arrives; called under the broker's lock. */
  interface Script {
    Fault next(TopicPartition partition, RecordBatch batch);
  }
}
