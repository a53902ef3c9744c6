package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import java.util.StringJoiner;

/** Collects what shows that an attack took place. One attack without any has proven nothing. */
final class Control {
  private final SmallBroker broker;
  private final Map<String, Double> before;
  private final StringJoiner evidence = new StringJoiner("; ");

  /** Before the attack. */
  Control(SmallBroker broker) throws Exception {
    this.broker = broker;
    this.before = broker.meters();
  }

  /** The broker has counted so many more by now, or soon will have. */
  void rose(String meter, double least) {
    rose(least, meter);
  }

  /** The broker has counted so many more in all of these together. */
  void rose(double least, String... meters) {
    double[] risen = new double[1];
    await(String.join(" + ", meters) + " rises by " + least)
        .atMost(Target.SOON)
        .until(() -> (risen[0] = risen(meters)) >= least);
    evidence.add(
        String.join(" + ", meters).replace("weir_", "").replace("_total", "")
            + " +%.0f".formatted(risen[0]));
  }

  private double risen(String... meters) throws Exception {
    Map<String, Double> now = broker.meters();
    double sum = 0;
    for (String meter : meters) {
      assertThat(now).containsKey(meter);
      sum += now.get(meter) - before.getOrDefault(meter, 0.0);
    }
    return sum;
  }

  /** A gauge of the broker shows so many more at this moment, or soon will. */
  void shows(String gauge, double more) {
    rose(gauge, more);
  }

  /** The attack itself has seen this many, and has to have seen at least so many. */
  void counted(String what, long count, long least) {
    assertThat(count).as(what).isGreaterThanOrEqualTo(least);
    evidence.add(what + " " + count);
  }

  /** What was seen; fails when that is nothing. */
  String evidence() {
    assertThat(evidence.length()).as("evidence that the attack took place").isPositive();
    return evidence.toString();
  }
}
