package dev.weir.broker.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever looks for losses must be seen to find them. */
class PassTest {
  private static final Slot SLOT = new Slot(0, "t", 0);

  private final Findings findings = new Findings();
  private final PartitionHistory history = new PartitionHistory(SLOT, findings);
  private final List<ValueId> sent = new ArrayList<>();

  @BeforeEach
  void sixValuesOfTwoSendersAreSent() {
    for (int i = 0; i < 6; i++) {
      sent.add(history.next(i % 2));
    }
  }

  private void acknowledge(int... values) {
    for (int value : values) {
      history.onAcknowledged(sent.get(value), value);
    }
  }

  private void read(int... values) {
    Pass pass = new Pass(history, "a test", history.ends(), Pass.Mark.START);
    for (int value : values) {
      pass.onRecord(pass.next(), sent.get(value).encode(10));
    }
    pass.end();
  }

  @Test
  void whatWasAcknowledgedAndMoreIsFine() {
    acknowledge(0, 1, 2);
    read(0, 1, 2, 3);
    assertThat(findings.none()).isTrue();
  }

  @Test
  void aMissingEndIsALoss() {
    acknowledge(0, 1, 2, 3);
    read(0, 1);
    assertThat(findings.count(Anomaly.LOST)).isEqualTo(2);
  }

  @Test
  void anotherValueAtAnAcknowledgedOffsetIsALoss() {
    acknowledge(0, 1);
    read(0, 3);
    assertThat(findings.count(Anomaly.LOST)).isEqualTo(1);
  }

  @Test
  void anOffsetAcknowledgedTwiceIsALoss() {
    history.onAcknowledged(sent.get(0), 0);
    history.onAcknowledged(sent.get(1), 0);
    assertThat(findings.count(Anomaly.LOST)).isEqualTo(1);
  }

  @Test
  void aRepeatedValueIsADuplicate() {
    read(0, 1, 1);
    assertThat(findings.count(Anomaly.DUPLICATED)).isEqualTo(1);
  }

  @Test
  void aValueBeforeItsPredecessorIsReordered() {
    read(2, 0);
    assertThat(findings.count(Anomaly.REORDERED)).isEqualTo(1);
  }

  @Test
  void whatAReaderGotMustStay() {
    history.onSeen(0, sent.get(0).encode(10));
    history.onSeen(1, sent.get(1).encode(10));
    read(0);
    assertThat(findings.count(Anomaly.VANISHED_AFTER_READ)).isEqualTo(1);
    read(0, 3);
    assertThat(findings.count(Anomaly.VANISHED_AFTER_READ)).isEqualTo(2);
  }

  @Test
  void aReaderMustNotSkip() {
    history.onSeen(1, sent.get(1).encode(10));
    assertThat(findings.count(Anomaly.LOST)).isEqualTo(1);
  }

  @Test
  void whatNobodySentIsForeign() {
    Pass pass = new Pass(history, "a test", history.ends(), Pass.Mark.START);
    pass.onRecord(0, new ValueId(0, 0, 99).encode(10));
    pass.onRecord(1, new ValueId(0, 5, 0).encode(10));
    byte[] mangled = sent.get(0).encode(10);
    mangled[25] ^= 1;
    pass.onRecord(2, mangled);
    assertThat(findings.count(Anomaly.FOREIGN)).isEqualTo(3);
  }

  @Test
  void aGapBetweenOffsetsIsDamage() {
    Pass pass = new Pass(history, "a test", history.ends(), Pass.Mark.START);
    pass.onRecord(1, sent.get(0).encode(10));
    assertThat(findings.count(Anomaly.DAMAGED)).isEqualTo(1);
  }

  @Test
  void aPassGoesOnWhereTheLastOneWasCertain() {
    acknowledge(0, 1);
    Pass first = new Pass(history, "a test", history.ends(), Pass.Mark.START);
    for (int i = 0; i < 4; i++) {
      first.onRecord(i, sent.get(i).encode(10));
    }
    Pass second = new Pass(history, "a test", history.ends(), first.end());
    assertThat(second.next()).isEqualTo(2);
    second.onRecord(2, sent.get(2).encode(10));
    assertThat(findings.none()).isTrue();
  }
}
