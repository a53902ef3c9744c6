package dev.weir.core.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
  /** Clients out there know these numbers: lines are added, never changed. */
  private static final String NUMBERS =
      """
      1 INTERNAL
      2 INVALID_REQUEST
      3 UNKNOWN_ROUTE
      4 UNKNOWN_TOPIC
      5 UNKNOWN_PARTITION
      6 TOPIC_EXISTS
      7 INVALID_TOPIC_NAME
      8 INVALID_CONFIG
      9 INVALID_REPLICATION_FACTOR
      10 NOT_LEADER
      11 FENCED_LEADER_EPOCH
      12 UNKNOWN_LEADER_EPOCH
      13 OFFSET_OUT_OF_RANGE
      14 CORRUPT_BATCH
      15 BATCH_TOO_LARGE
      16 RECORD_TOO_LARGE
      17 UNSUPPORTED_COMPRESSION
      18 OUT_OF_ORDER_SEQUENCE
      19 DUPLICATE_SEQUENCE
      20 UNKNOWN_PRODUCER_ID
      21 FENCED_PRODUCER
      22 NOT_ENOUGH_REPLICAS
      23 OUTCOME_UNKNOWN
      24 STORAGE_OFFLINE
      25 STORAGE_FULL
      26 SHUTTING_DOWN
      27 TIMED_OUT
      28 OVERLOADED
      29 RESUBSCRIBE
      30 UNAUTHENTICATED
      31 UNAUTHORIZED
      32 CONNECTION_LOST
      33 INVALID_TIMESTAMP
      34 VERSION_CONFLICT
      35 CLOSED
      36 MESSAGE_TOO_LARGE
      37 BROKER_UNAVAILABLE
      38 POLICY_VIOLATION
      39 INVALID_TRANSACTION_STATE
      40 FENCED_COORDINATOR
      41 INVALID_RECORD
      42 NOT_COORDINATOR
      43 COORDINATOR_LOADING
      44 UNKNOWN_GROUP
      45 GROUP_NOT_EMPTY
      46 UNKNOWN_MEMBER
      47 FENCED_MEMBER_EPOCH
      48 NOT_OWNER
      """;

  @Test
  void numbersAreStable() {
    String now =
        Arrays.stream(ErrorCode.values())
            .map(code -> code.number() + " " + code + "\n")
            .collect(Collectors.joining());
    assertThat(now).isEqualTo(NUMBERS);
  }

  @Test
  void everyNumberFindsItsCode() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(ErrorCode.ofNumber(code.number())).isSameAs(code);
    }
  }

  @Test
  void numbersOfNewerPeersAreUnknown() {
    assertThat(ErrorCode.ofNumber(0)).isNull();
    assertThat(ErrorCode.ofNumber(-1)).isNull();
    assertThat(ErrorCode.ofNumber(9_999)).isNull();
  }

  @Test
  void wireCodesLieWithinRSocketsRangeForApplications() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(ErrorCode.WIRE_BASE + code.number()).isBetween(0x301, Integer.MAX_VALUE);
    }
  }

  @Test
  void anOutcomeNobodyKnowsSaysThatItMayHaveBeenApplied() {
    assertThat(ErrorCode.OUTCOME_UNKNOWN.mayHaveBeenApplied()).isTrue();
    assertThat(ErrorCode.CONNECTION_LOST.mayHaveBeenApplied()).isTrue();
    assertThat(ErrorCode.TIMED_OUT.mayHaveBeenApplied()).isTrue();
    assertThat(ErrorCode.CORRUPT_BATCH.mayHaveBeenApplied()).isFalse();
    assertThat(ErrorCode.BROKER_UNAVAILABLE.mayHaveBeenApplied()).isFalse();
  }

  @Test
  void exceptionsAreAnswersWithoutAStackTrace() {
    WeirException e = new WeirException(ErrorCode.UNKNOWN_TOPIC, "topic 'x' does not exist");
    assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC);
    assertThat(e.getStackTrace()).isEmpty();
    assertThat(e).hasMessage("topic 'x' does not exist");
  }
}
