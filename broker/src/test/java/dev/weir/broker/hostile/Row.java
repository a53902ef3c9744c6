package dev.weir.broker.hostile;

/**
 * What one attack did.
 *
 * @param rounds how often it was committed
 * @param evidence that it took place, of the last round
 */
record Row(
    Attack attack,
    int rounds,
    double seconds,
    Phase before,
    Phase during,
    Phase after,
    String evidence) {
  /**
   * @param most the most that was seen
   * @param p99Millis of the tenant, from the moment a record was due to its arrival
   */
  record Phase(Measurement most, double p99Millis) {}
}
