package dev.weir.broker.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.broker.record.SubscribeOptions.StartAt;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubscribeOptionsTest {
  private static SubscribeOptions options(
      StartAt from, Set<Integer> partitions, @Nullable String group) {
    return new SubscribeOptions(from, partitions, RecordFilter.ALL, false, group);
  }

  @Test
  void absentMeansLatestOfAllPartitions() {
    SubscribeOptions latest = options(new StartAt.Latest(), Set.of(), null);
    assertThat(read("")).isEqualTo(latest);
    assertThat(read("{}")).isEqualTo(latest);
    assertThat(read("{\"from\":\"latest\"}")).isEqualTo(latest);
  }

  @Test
  void readsEveryWayToStart() {
    assertThat(read("{\"from\":\"earliest\",\"group\":\"g\"}"))
        .isEqualTo(options(new StartAt.Earliest(), Set.of(), "g"));
    assertThat(read("{\"from\":{\"timestamp\":12}}").from()).isEqualTo(new StartAt.Timestamp(12));
    assertThat(read("{\"partition\":2,\"from\":{\"offset\":12}}"))
        .isEqualTo(options(new StartAt.Offsets(Map.of(2, 12L)), Set.of(2), null));
    assertThat(read("{\"from\":{\"offsets\":{\"0\":12,\"1\":7}}}").from())
        .isEqualTo(new StartAt.Offsets(Map.of(0, 12L, 1, 7L)));
  }

  @Test
  void readsConflation() {
    assertThat(read("{\"conflate\":\"key\"}").conflate()).isTrue();
    assertThat(read("{}").conflate()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"form\":\"latest\"} | unknown field 'form'; known are from, partition, partitions, where, conflate, group",
        "{\"from\":\"newest\"} | is 'newest' but must be \"latest\"",
        "{\"from\":7} | field 'from' of the subscribe request must be an object",
        "{\"from\":{}} | has 0 fields",
        "{\"from\":{\"offset\":1,\"timestamp\":2},\"partition\":0} | has 2 fields",
        "{\"from\":{\"ofset\":1}} | unknown field 'from.ofset'",
        "{\"from\":{\"offset\":-1},\"partition\":0} | field 'from.offset'",
        "{\"from\":{\"offset\":1}} | needs 'partition'",
        "{\"from\":{\"timestamp\":\"now\"}} | field 'from.timestamp'",
        "{\"from\":{\"offsets\":{\"x\":1}}} | from.offsets.x",
        "{\"from\":{\"offsets\":{\"0\":\"1\"}}} | field 'from.offsets.0'",
        "{\"from\":{\"offsets\":{\"1\":1}},\"partition\":0} | names partition 1 but only partition 0",
        "{\"partition\":-1} | field 'partition'",
        "{\"partitions\":[]} | at least one partition",
        "{\"partitions\":[-1]} | field 'partitions'",
        "{\"partitions\":[1],\"partition\":1} | and 'partitions' are both there",
        "{\"partitions\":[0,2],\"from\":{\"offsets\":{\"1\":1}}} | only the partitions [0, 2] are asked for",
        "{\"where\":[]} | field 'where'",
        "{\"where\":{}} | an object with keys or headers",
        "{\"where\":{\"key\":[]}} | unknown field 'where.key'; known are keys, headers",
        "{\"where\":{\"keys\":[]}} | at least one key",
        "{\"where\":{\"keys\":[1]}} | field 'where.keys'",
        "{\"where\":{\"keys\":[{\"base64\":\"?\"}]}} | field 'where.keys.base64'",
        "{\"where\":{\"headers\":[]}} | at least one header",
        "{\"where\":{\"headers\":[[\"a\"]]}} | field 'where.headers'",
        "{\"where\":{\"headers\":[[\"a\",\"b\",\"c\"]]}} | field 'where.headers'",
        "{\"where\":{\"headers\":[[\"a\",{\"suffix\":\"b\"}]]}} | unknown field 'where.headers.suffix'; known are prefix",
        "{\"conflate\":\"value\"} | field 'conflate' of the subscribe request is 'value' but must be \"key\"",
        "{\"conflate\":true} | field 'conflate' of the subscribe request must be a string",
        "{\"conflate\":\"key\",\"group\":\"g\"} | and 'group' are both there",
        "{\"group\":1} | field 'group' of the subscribe request must be a string",
        "7 | the subscribe request must be an object"
      })
  void saysWhatIsWrong(String json, String words) {
    assertThatThrownBy(() -> read(json))
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  private static SubscribeOptions read(String json) {
    return SubscribeOptions.read(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
  }
}
