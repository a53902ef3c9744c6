package dev.weir.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.broker.LibraryLevel;
import dev.weir.broker.PlainClient;
import dev.weir.broker.RunningBroker;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.storage.KafkaDump;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's tool reads the log of groups: the offsets, and over what is ours. */
class OffsetsDumpTest {
  @TempDir private Path dir;

  @Test
  void kafkasToolShowsCommittedOffsets() throws IOException, InterruptedException {
    try (RunningBroker broker = RunningBroker.in(dir, Map.of("offsets.topic.num.partitions", "1"));
        PlainClient client = broker.connect()) {
      ByteString topic = new LibraryLevel(client).createTopic("orders", 1);
      try (Member member = Member.join(client, Member.as("billing", "m1", "orders"))) {
        int epoch = member.joined().getMemberEpoch();
        member.assigned();
        member.commit(
            epoch,
            GroupOffset.newBuilder()
                .setTopicId(topic)
                .setOffset(4711)
                .addAcknowledged(OffsetRange.newBuilder().setFirst(4800).setLast(4801))
                .build());
      }
    }

    String dump =
        KafkaDump.dump(
            "--offsets-decoder",
            List.of(dir.resolve("__consumer_offsets-0/00000000000000000000.log")));

    assertThat(dump)
        .contains("\"group\":\"billing\"")
        .contains("\"topic\":\"orders\"")
        .contains("\"offset\":4711");
  }
}
