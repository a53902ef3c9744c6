package dev.weir.client;

import dev.weir.client.Throttling.Cause;

/** What brokers say about holding a producer back. Any thread. */
final class ThrottleGauge {
  private volatile Throttling now = new Throttling(Cause.NONE, -1, 0);

  /** One answer came; of a broker that holds nothing back when the cause is NONE. */
  void onAnswer(Cause cause, int credits) {
    if (cause != Cause.NONE || now.cause() != Cause.NONE) {
      change(cause, credits);
    }
  }

  private synchronized void change(Cause cause, int credits) {
    now =
        cause == Cause.NONE
            ? new Throttling(cause, -1, now.answers())
            : new Throttling(cause, credits, now.answers() + 1);
  }

  Throttling now() {
    return now;
  }
}
