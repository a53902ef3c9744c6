package dev.weir.core.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;

class Murmur2Test {
  @Property
  void hashesAsKafkaDoes(@ForAll byte[] key) {
    assertThat(Murmur2.hash(key)).isEqualTo(Utils.murmur2(key));
  }

  @Property
  void picksThePartitionKafkaPicks(@ForAll byte[] key, @ForAll @IntRange(min = 1) int partitions) {
    assertThat(Murmur2.partitionOf(key, partitions))
        .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
  }

  @Property
  void positiveIsNotTheAbsoluteValue(@ForAll int hash) {
    assertThat(Murmur2.toPositive(hash)).isEqualTo(Utils.toPositive(hash)).isNotNegative();
  }

  @Example
  void knownHashes() {
    assertThat(Murmur2.hash("21".getBytes(UTF_8))).isEqualTo(-973932308);
    assertThat(Murmur2.hash("foobar".getBytes(UTF_8))).isEqualTo(-790332482);
    assertThat(Murmur2.hash("abc".getBytes(UTF_8))).isEqualTo(479470107);
  }
}
