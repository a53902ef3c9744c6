package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.broker.PlainClient;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.core.protocol.ProduceResult;
import io.rsocket.Payload;
import java.util.List;

/** Record batches with a right checksum and wrong lengths: none is stored. */
final class LyingBatches {
  static final String TOPIC = "lies";
  private static final int ROUNDS = 20;

  private LyingBatches() {}

  static void commit(Target target, Control control) throws Exception {
    ByteString topic = target.createTopic(TOPIC, 1, "");
    List<byte[]> batches =
        List.of(
            new BatchBytes().batchLength(-1).build(),
            new BatchBytes().batchLength(0).build(),
            new BatchBytes().batchLength(Integer.MAX_VALUE).build(),
            new BatchBytes().records(Integer.MAX_VALUE).build(),
            new BatchBytes().records(-1).build(),
            new BatchBytes().recordLength(Integer.MAX_VALUE).build(),
            new BatchBytes().recordLength(-1).build(),
            new BatchBytes().keyLength(Integer.MAX_VALUE).build(),
            new BatchBytes().valueLength(Integer.MAX_VALUE).build(),
            new BatchBytes().headers(Integer.MAX_VALUE).build());
    for (int round = 0; round < ROUNDS; round++) {
      for (byte[] batch : batches) {
        ProduceResult result = produce(target.honest(), topic, 0, batch);
        assertThat(result.getError()).as("%s", result).isNotZero();
      }
    }
    control.rose("weir_produce_refused_total", ROUNDS * batches.size());
    ProduceResult first = produce(target.honest(), topic, 0, new BatchBytes().build());
    assertThat(first.getError()).as("%s", first).isZero();
    control.counted("batches stored, all of them right", first.getBaseOffset() + 1, 1);
  }

  static ProduceResult produce(PlainClient client, ByteString topic, int partition, byte[] batch)
      throws Exception {
    byte[] header =
        ProduceHeader.newBuilder().setTopicId(topic).setPartition(partition).build().toByteArray();
    Payload answer =
        client
            .rsocket()
            .requestResponse(PlainClient.headed("produce", header, batch))
            .block(Target.SOON);
    return ProduceResult.parseFrom(PlainClient.header(answer));
  }
}
