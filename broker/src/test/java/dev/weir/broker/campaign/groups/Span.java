package dev.weir.broker.campaign.groups;

/**
 * Records that a member processed one after the other, none left out.
 *
 * @param from wall clock in milliseconds, of the first
 * @param to of the last
 */
record Span(int partition, long first, long last, long from, long to) {
  long count() {
    return last - first + 1;
  }
}
