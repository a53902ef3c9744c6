package dev.weir.broker;

import dev.weir.broker.partition.TopicConfig;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.SharedLimits;
import java.util.List;
import java.util.Map;

/**
 * The direct memory a broker needs at worst, whatever its clients do: the sum of bounds that the
 * settings give. docs/memory.md explains each.
 *
 * @param parts in the order of the documentation
 */
record DirectMemory(List<Part> parts) {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  /** A read from a socket, and small frames that are gathered for one. */
  private static final long LOOP_BYTES = (256 + 32) * KIB;

  /** A slice of a read may hold twice its size. */
  private static final int INBOUND_FACTOR = 2;

  /** The buffer a growing frame is copied from. */
  private static final long GROWTH_BYTES = 2 * MIB;

  /** Warms ranges of files. */
  private static final long WARM_BYTES = 256 * KIB;

  /** Reads logs when they are opened or compacted. */
  private static final long SCAN_BYTES = 128 * KIB;

  /**
   * One bound.
   *
   * @param formula in names of settings
   */
  record Part(String what, String formula, long bytes) {}

  DirectMemory {
    parts = List.copyOf(parts);
  }

  static DirectMemory of(BrokerSettings settings) {
    LimitSettings limits = settings.limits();
    ClientLimitSettings clients = settings.clients();
    ThreadSettings threads = settings.threads();
    long batch = TopicConfig.resolve(settings.topicDefaults(), Map.of()).log().maxMessageBytes();
    return new DirectMemory(
        List.of(
            new Part(
                "beginnings of frames",
                "connections.max x 4 KiB",
                clients.connections() * SharedLimits.FREE_BYTES),
            new Part(
                "first frames",
                "strangers.max x 4 KiB",
                clients.strangers() * SharedLimits.FREE_BYTES),
            new Part(
                "frames that have not ended",
                "partial.bytes, at least frame.bytes.max + 2 MiB",
                Math.max(limits.partialBytes(), limits.frameBytes() + GROWTH_BYTES)),
            new Part(
                "batches that wait for their partitions",
                "inbound.bytes x 2",
                limits.inboundBytes() * INBOUND_FACTOR),
            new Part(
                "frames that wait for sockets", "queued.memory.bytes", limits.queuedMemoryBytes()),
            new Part("event loops", "threads.io x 288 KiB", threads.io() * LOOP_BYTES),
            new Part(
                "disk reads",
                "threads.read x (256 KiB + max.message.bytes)",
                threads.read() * (WARM_BYTES + batch)),
            new Part(
                "records on their way to disk",
                "threads.partition x max.message.bytes",
                threads.partition() * batch),
            new Part(
                "compaction",
                "log.cleaner.threads x (128 KiB + max.message.bytes)",
                settings.cleaner().threads() * (SCAN_BYTES + batch)),
            new Part("recovery", "threads.recovery x 128 KiB", threads.recovery() * SCAN_BYTES)));
  }

  long total() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }

  /**
   * Checks that the sum is allowed.
   *
   * @param limit of the JVM, in bytes
   * @throws WeirException INVALID_CONFIG with every part
   */
  void requireWithin(long limit) {
    if (total() <= limit) {
      return;
    }
    StringBuilder sum = new StringBuilder();
    for (Part part : parts) {
      sum.append("\n  ").append(mib(part.bytes())).append("  ").append(part.what());
      sum.append(" (").append(part.formula()).append(')');
    }
    throw new WeirException(
        ErrorCode.INVALID_CONFIG,
        "the settings allow clients up to %s of direct memory but the JVM only %s: start it with -XX:MaxDirectMemorySize=%dm, or lower settings:%s"
            .formatted(mib(total()), mib(limit), (total() + MIB - 1) / MIB, sum));
  }

  private static String mib(long bytes) {
    return "%.1f MiB".formatted((double) bytes / MIB);
  }
}
