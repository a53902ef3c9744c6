package dev.weir.broker.group.state;

import java.util.List;

/**
 * What a request leads to. Its owner appends the records; when that fails nothing has changed. Else
 * it replays them and runs {@code afterReplay}, in the same turn; answer and effects leave when the
 * records are durable.
 *
 * @param afterReplay what changes beside the records: who is connected, deadlines
 */
public record Result<T>(
    List<GroupRecord> records, T answer, List<Effect> effects, Runnable afterReplay) {
  public Result {
    records = List.copyOf(records);
    effects = List.copyOf(effects);
  }

  /** An answer that changes nothing. */
  static <T> Result<T> answer(T answer) {
    return new Result<>(List.of(), answer, List.of(), Result::nothing);
  }

  static <T> Result<T> of(List<GroupRecord> records, T answer) {
    return new Result<>(records, answer, List.of(), Result::nothing);
  }

  /** Nothing to do. */
  static Result<Done> none() {
    return answer(Done.DONE);
  }

  private static void nothing() {}
}
