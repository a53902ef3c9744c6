package dev.weir.client;

import dev.weir.core.time.Time;

/** What producers, consumers and admin of one client share. Made and closed by the client. */
record Cluster(
    ClientSettings settings,
    ClientThreads threads,
    BrokerLinks links,
    Requests requests,
    Topics topics,
    Time time) {}
