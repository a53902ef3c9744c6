package dev.weir.client;

/**
 * A group by name.
 *
 * @param state Empty, Assigning (a partition waits to be given up) or Stable
 */
public record GroupListing(String group, String state, int members) {}
