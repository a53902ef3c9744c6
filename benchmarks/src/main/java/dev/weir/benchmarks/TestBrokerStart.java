package dev.weir.benchmarks;

import dev.weir.testing.WeirTestBroker;
import java.io.IOException;
import java.util.Locale;

/**
 * How long a test waits for its broker: the first of a JVM, which loads classes too, and those
 * after it; to the topic that can be used, and to the end.
 */
public final class TestBrokerStart {
  private TestBrokerStart() {}

  /** Argument: how many brokers, one after the other. */
  public static void main(String[] args) throws IOException {
    int runs = Integer.parseInt(args[0]);
    Samples ready = new Samples();
    Samples topic = new Samples();
    Samples close = new Samples();
    System.out.println("| | ready, ms | with a client and a topic, ms | closed after, ms |");
    System.out.println("|---|---|---|---|");
    for (int run = 0; run <= runs; run++) {
      long begin = System.nanoTime();
      WeirTestBroker broker = WeirTestBroker.start();
      final long started = System.nanoTime();
      broker.createTopics("orders");
      final long usable = System.nanoTime();
      broker.close();
      long closed = System.nanoTime();
      if (run == 0) {
        System.out.printf(
            Locale.ROOT,
            "| first of the JVM | %d | %d | %d |%n",
            millis(started - begin),
            millis(usable - begin),
            millis(closed - usable));
      } else {
        ready.add((started - begin) / 1e6);
        topic.add((usable - begin) / 1e6);
        close.add((closed - usable) / 1e6);
      }
    }
    System.out.println(
        "| %d more | %s | %s | %s |"
            .formatted(runs, ready.summary(), topic.summary(), close.summary()));
    System.out.println();
    System.out.println(Machine.description() + "; " + Machine.load());
    System.exit(0);
  }

  private static long millis(long nanos) {
    return nanos / 1_000_000;
  }
}
