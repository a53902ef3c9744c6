package dev.weir.benchmarks;

/**
 * Two ways to do the same work, measured alternately after one unmeasured turn each, so that what
 * else happens on the machine hits both alike. The share is taken turn by turn.
 */
final class Turns {
  /** Does the work once and returns its figure. */
  interface Turn {
    double run() throws Exception;
  }

  private final Samples ours = new Samples();
  private final Samples limit = new Samples();
  private final Samples share = new Samples();

  private Turns() {}

  /** Figures of which more is better. */
  static Turns rates(int rounds, Turn ours, Turn limit) throws Exception {
    return run(rounds, ours, limit, false);
  }

  /** Figures of which less is better. */
  static Turns times(int rounds, Turn ours, Turn limit) throws Exception {
    return run(rounds, ours, limit, true);
  }

  private static Turns run(int rounds, Turn ours, Turn limit, boolean lessIsBetter)
      throws Exception {
    limit.run();
    ours.run();
    Turns turns = new Turns();
    for (int round = 0; round < rounds; round++) {
      // each goes first every other time
      double first = round % 2 == 0 ? limit.run() : ours.run();
      double second = round % 2 == 0 ? ours.run() : limit.run();
      double our = round % 2 == 0 ? second : first;
      double most = round % 2 == 0 ? first : second;
      turns.ours.add(our);
      turns.limit.add(most);
      turns.share.add(lessIsBetter ? most / our : our / most);
    }
    return turns;
  }

  Samples ours() {
    return ours;
  }

  Samples limit() {
    return limit;
  }

  Samples share() {
    return share;
  }
}
