package dev.weir.client;

/** Whoever handed records to a batch and waits for what becomes of them. */
interface RunReceiver {
  /**
   * The outcome of a batch is known: of its records from index {@code from} on, {@code count} are
   * the receiver's. Called on the producer's loop.
   */
  void onResolved(ProducerBatch batch, int from, int count);
}
