package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EndTransactionMarkerTest {
  @ParameterizedTest
  @EnumSource(
      value = ControlRecordType.class,
      names = {"COMMIT", "ABORT"})
  void isTheBatchThatKafkaWrites(ControlRecordType type) {
    EndTransactionMarker marker = new EndTransactionMarker(type, 4711, (short) 2, 3);
    ByteBuffer ours = marker.encode(1_000);
    RecordBatch.place(ours, 0, 77, 5);
    ByteBuffer kafkas =
        MemoryRecords.withEndTransactionMarker(
                77,
                1_000,
                5,
                4711,
                (short) 2,
                new org.apache.kafka.common.record.internal.EndTransactionMarker(
                    org.apache.kafka.common.record.internal.ControlRecordType.valueOf(type.name()),
                    3))
            .buffer();
    assertThat(ours).isEqualTo(kafkas);
    assertThat(EndTransactionMarker.of(RecordBatch.at(kafkas, 0))).isEqualTo(marker);
  }

  @Test
  void isNotSeenInOtherBatches() {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1000);
    builder.append(1, new byte[] {0, 0, 0, 1}, new byte[6], List.of());
    builder.producer(4711, (short) 2, 0, true);
    assertThat(EndTransactionMarker.of(RecordBatch.at(builder.build(), 0))).isNull();
  }

  @Test
  void isNotSeenInAControlBatchThatCannotBeUnderstood() {
    ByteBuffer marker =
        new EndTransactionMarker(ControlRecordType.COMMIT, 1, (short) 0, 0).encode(1);
    for (int at = RecordBatch.HEADER_BYTES; at < marker.limit(); at++) {
      ByteBuffer changed = ByteBuffer.allocate(marker.limit()).put(marker.duplicate()).flip();
      changed.put(at, (byte) 0x7e);
      EndTransactionMarker found = EndTransactionMarker.of(RecordBatch.at(changed, 0));
      assertThat(found == null || found.producerId() == 1).isTrue();
    }
  }

  @Test
  void hasATypeAndAProducer() {
    assertThatThrownBy(() -> new EndTransactionMarker(ControlRecordType.UNKNOWN, 1, (short) 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new EndTransactionMarker(ControlRecordType.ABORT, -1, (short) 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
