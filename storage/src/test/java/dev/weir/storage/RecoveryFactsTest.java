package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecoveryFactsTest {
  /**
   * existed, closed cleanly, whole, reaches the flush point → case; every combination has its line.
   */
  private static final Map<String, RecoveryCase> TABLE = new LinkedHashMap<>();

  static {
    TABLE.put("0000", RecoveryCase.DAMAGED);
    TABLE.put("0001", RecoveryCase.NEW);
    TABLE.put("0010", RecoveryCase.DAMAGED);
    TABLE.put("0011", RecoveryCase.NEW);
    TABLE.put("0100", RecoveryCase.DAMAGED);
    TABLE.put("0101", RecoveryCase.NEW);
    TABLE.put("0110", RecoveryCase.DAMAGED);
    TABLE.put("0111", RecoveryCase.NEW);
    TABLE.put("1000", RecoveryCase.DAMAGED);
    TABLE.put("1001", RecoveryCase.TORN_TAIL);
    TABLE.put("1010", RecoveryCase.DAMAGED);
    TABLE.put("1011", RecoveryCase.WHOLE);
    TABLE.put("1100", RecoveryCase.DAMAGED);
    TABLE.put("1101", RecoveryCase.DAMAGED);
    TABLE.put("1110", RecoveryCase.DAMAGED);
    TABLE.put("1111", RecoveryCase.CLEAN);
  }

  @Test
  void decidesEveryCombinationAsTheTableSays() {
    Set<RecoveryCase> seen = EnumSet.noneOf(RecoveryCase.class);
    for (int bits = 0; bits < 16; bits++) {
      RecoveryFacts facts =
          new RecoveryFacts((bits & 8) != 0, (bits & 4) != 0, (bits & 2) != 0, (bits & 1) != 0);
      String key = String.format("%4s", Integer.toBinaryString(bits)).replace(' ', '0');
      assertThat(facts.decide()).as(key).isEqualTo(TABLE.get(key));
      seen.add(facts.decide());
    }
    assertThat(seen).containsExactlyInAnyOrder(RecoveryCase.values());
  }
}
