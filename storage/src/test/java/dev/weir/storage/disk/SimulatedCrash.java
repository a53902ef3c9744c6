package dev.weir.storage.disk;

/** The simulated process has died: nothing of it runs on, so nothing may catch this. */
public final class SimulatedCrash extends Error {
  private static final long serialVersionUID = 1L;

  public SimulatedCrash(String where) {
    super(where, null, false, false);
  }
}
