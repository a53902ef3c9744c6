package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecoveryFactsTest {
  /**
   * existed, closed cleanly, whole, flush point known, reaches it → case; every combination has its
   * line.
   */
  private static final Map<String, RecoveryCase> TABLE = new LinkedHashMap<>();

  static {
    TABLE.put("00000", RecoveryCase.DAMAGED);
    TABLE.put("00001", RecoveryCase.DAMAGED);
    TABLE.put("00010", RecoveryCase.DAMAGED);
    TABLE.put("00011", RecoveryCase.NEW);
    TABLE.put("00100", RecoveryCase.DAMAGED);
    TABLE.put("00101", RecoveryCase.DAMAGED);
    TABLE.put("00110", RecoveryCase.DAMAGED);
    TABLE.put("00111", RecoveryCase.NEW);
    TABLE.put("01000", RecoveryCase.DAMAGED);
    TABLE.put("01001", RecoveryCase.DAMAGED);
    TABLE.put("01010", RecoveryCase.DAMAGED);
    TABLE.put("01011", RecoveryCase.NEW);
    TABLE.put("01100", RecoveryCase.DAMAGED);
    TABLE.put("01101", RecoveryCase.DAMAGED);
    TABLE.put("01110", RecoveryCase.DAMAGED);
    TABLE.put("01111", RecoveryCase.NEW);
    TABLE.put("10000", RecoveryCase.DAMAGED);
    TABLE.put("10001", RecoveryCase.DAMAGED);
    TABLE.put("10010", RecoveryCase.DAMAGED);
    TABLE.put("10011", RecoveryCase.TORN_TAIL);
    TABLE.put("10100", RecoveryCase.DAMAGED);
    TABLE.put("10101", RecoveryCase.WHOLE);
    TABLE.put("10110", RecoveryCase.DAMAGED);
    TABLE.put("10111", RecoveryCase.WHOLE);
    TABLE.put("11000", RecoveryCase.DAMAGED);
    TABLE.put("11001", RecoveryCase.DAMAGED);
    TABLE.put("11010", RecoveryCase.DAMAGED);
    TABLE.put("11011", RecoveryCase.DAMAGED);
    TABLE.put("11100", RecoveryCase.DAMAGED);
    TABLE.put("11101", RecoveryCase.CLEAN);
    TABLE.put("11110", RecoveryCase.DAMAGED);
    TABLE.put("11111", RecoveryCase.CLEAN);
  }

  @Test
  void decidesEveryCombinationAsTheTableSays() {
    Set<RecoveryCase> seen = EnumSet.noneOf(RecoveryCase.class);
    for (int bits = 0; bits < 32; bits++) {
      RecoveryFacts facts =
          new RecoveryFacts(
              (bits & 16) != 0, (bits & 8) != 0, (bits & 4) != 0, (bits & 2) != 0, (bits & 1) != 0);
      String key = String.format("%5s", Integer.toBinaryString(bits)).replace(' ', '0');
      assertThat(facts.decide()).as(key).isEqualTo(TABLE.get(key));
      seen.add(facts.decide());
    }
    assertThat(seen).containsExactlyInAnyOrder(RecoveryCase.values());
  }
}
