package dev.weir.broker.campaign.groups;

/** A committed offset in the coordinator's log. */
record Commit(long at, int partition, long offset) {}
