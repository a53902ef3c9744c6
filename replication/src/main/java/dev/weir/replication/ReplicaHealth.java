package dev.weir.replication;

/**
 * Whether a replica takes batches as far as its disk is concerned.
 *
 * @param reason one sentence; empty while it is online
 */
public record ReplicaHealth(State state, String reason) {
  public static final ReplicaHealth ONLINE = new ReplicaHealth(State.ONLINE, "");

  /** What a replica's disk does to it. */
  public enum State {
    ONLINE,
    /** No space; the next batch tries again, so it goes on as soon as there is some. */
    FULL,
    /** Batches cannot be written and nothing of them stays; the next one tries again. */
    FAILING,
    /** Takes no batches until the broker is started again; what is whole can be read. */
    OFFLINE
  }

  /** For people: the state, and the reason where there is one. */
  public String describe() {
    String word = state.name().toLowerCase(java.util.Locale.ROOT);
    return reason.isEmpty() ? word : word + ": " + reason;
  }
}
