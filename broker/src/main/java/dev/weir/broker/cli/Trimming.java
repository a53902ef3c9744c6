package dev.weir.broker.cli;

import dev.weir.client.RecordDeletion;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirAdmin;
import dev.weir.core.topic.TopicPartition;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code weir topic trim}: where each partition shall start, and what came of it. */
final class Trimming {
  private final WeirAdmin admin;
  private final String topic;

  Trimming(WeirAdmin admin, String topic) {
    this.admin = admin;
    this.topic = topic;
  }

  /** Prints where each partition starts now; fails when one of them has not been trimmed. */
  void run(List<Integer> partitions, StartingPosition before, PrintStream out) {
    Map<Integer, Long> offsets = new LinkedHashMap<>();
    for (int partition : partitions) {
      offsets.put(partition, offset(partition, before));
    }
    List<String> refused = new ArrayList<>();
    Objects.requireNonNull(admin.deleteRecords(topic, offsets).block())
        .forEach(
            (partition, deletion) -> {
              if (deletion instanceof RecordDeletion.Deleted deleted) {
                out.println("partition " + partition + " start " + deleted.logStartOffset());
              } else if (deletion instanceof RecordDeletion.Refused refusal) {
                refused.add(String.valueOf(refusal.reason().getMessage()));
              }
            });
    if (!refused.isEmpty()) {
      throw new CommandFailure(String.join("; ", refused));
    }
  }

  private long offset(int partition, StartingPosition before) {
    if (before instanceof StartingPosition.AtOffset at) {
      return at.offset();
    }
    if (before instanceof StartingPosition.AtTime) {
      TopicPartition asked = new TopicPartition(topic, partition);
      return Objects.requireNonNull(admin.offset(asked, before).block());
    }
    return WeirAdmin.HIGH_WATERMARK;
  }
}
