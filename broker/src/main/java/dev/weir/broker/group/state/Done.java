package dev.weir.broker.group.state;

/** The answer of what has no other: that it is done. */
public enum Done {
  DONE
}
