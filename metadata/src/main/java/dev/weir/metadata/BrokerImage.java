package dev.weir.metadata;

import java.util.UUID;

/**
 * A broker as the cluster knows it.
 *
 * @param epoch raised by every start of the broker; for a cluster of one it counts the starts
 * @param incarnation identifies the one start that the epoch stands for, so that a repeated
 *     registration is recognised
 */
public record BrokerImage(int id, long epoch, UUID incarnation, String host, int port) {}
