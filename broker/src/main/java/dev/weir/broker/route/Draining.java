package dev.weir.broker.route;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Whether the broker is going down; tells the sessions that must end for it. Any thread. */
public final class Draining {
  /** A session that wants to be told. */
  public static final class Registration {
    private final Draining draining;
    private final Runnable action;

    private Registration(Draining draining, Runnable action) {
      this.draining = draining;
      this.action = action;
    }

    /** The action will not run if it has not started. May be called again. */
    public void cancel() {
      draining.sessions.remove(this);
    }

    private void tell() {
      if (draining.sessions.remove(this)) {
        action.run();
      }
    }
  }

  private final Set<Registration> sessions = ConcurrentHashMap.newKeySet();
  private volatile boolean begun;

  /** Runs the action once when draining begins; at once when it has. */
  public Registration onDrain(Runnable action) {
    Registration session = new Registration(this, action);
    sessions.add(session);
    if (begun) {
      session.tell();
    }
    return session;
  }

  public void begin() {
    begun = true;
    sessions.forEach(Registration::tell);
  }

  public boolean hasBegun() {
    return begun;
  }
}
