package dev.weir.broker.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A run that proves nothing is no success, and the last line says what one has proved. */
class ReportTest {
  private final Findings findings = new Findings();

  @Test
  void tellsWhatItDidAndFoundInOneLine() {
    Report report = struck(true, true, true);
    assertThat(report.failures()).isEmpty();
    assertThat(report.summary())
        .isEqualTo(
            "kill: 3 cycles, 3 effective, 3 with batches on disk that nobody had an answer for,"
                + " 2,000 records acknowledged, 0 lost, 0 duplicated, 0 reordered,"
                + " 0 vanished after read, 0 foreign, 0 failed client, 0 damaged,"
                + " process start to ready ms min/median/p99/max 100/200/300/300,"
                + " ready to first acknowledgement ms min/median/p99/max 10/20/30/30, seed 7");
  }

  @Test
  void whatWasFoundFailsIt() {
    findings.add(Anomaly.LOST, "orders-0 offset 3");
    assertThat(struck(true).failures()).containsExactly("LOST: orders-0 offset 3");
    assertThat(struck(true).summary()).contains("1 lost");
  }

  @Test
  void aFaultThatWasNoneFailsIt() {
    assertThat(struck(true, false).failures())
        .containsExactly("VACUOUS: only 1 of 2 faults were effective");
  }

  @Test
  void noFaultFailsIt() {
    assertThat(struck().failures()).containsExactly("VACUOUS: only 0 of 0 faults were effective");
  }

  @Test
  void tooFewRecordsFailIt() {
    Report report = struck(true, true);
    report.end(199, findings);
    assertThat(report.failures()).containsExactly("VACUOUS: only 199 records were acknowledged");
  }

  private Report struck(boolean... effective) {
    Report report = new Report("kill", 7);
    for (int i = 0; i < effective.length; i++) {
      report.struck(effective[i], true);
      report.ready(100L * (effective.length - i));
      report.served(10L * (effective.length - i));
    }
    report.end(2_000, findings);
    return report;
  }
}
