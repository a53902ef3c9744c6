package dev.weir.broker.campaign;

/** One partition of the campaign's topics. */
record Slot(int number, String topic, int partition) {
  /** The name of its directory. */
  String directory() {
    return topic + "-" + partition;
  }
}
