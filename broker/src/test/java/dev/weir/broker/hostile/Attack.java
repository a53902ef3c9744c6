package dev.weir.broker.hostile;

/**
 * One thing that a client may not do, or may do and should not harm anybody with.
 *
 * @param row of the fault matrix: A1 is strangers and garbage, A2 lengths that lie, A3 fragments
 *     and huge frames, A4 floods of frames and streams, A5 crowds of connections, A6 subscribers
 *     that never read, A7 subscribers that never ask again, A8 compressed bombs, A10 slow ones
 *     among many fast ones, A11 more credit than 2^31
 */
record Attack(String row, String name, Deed deed) {
  /** The attack itself. */
  interface Deed {
    /**
     * Does it once and tells the control what shows that it happened. The target closes what is
     * still open of its attackers.
     */
    void commit(Target target, Control control) throws Exception;
  }

  @Override
  public String toString() {
    return row + " " + name;
  }
}
