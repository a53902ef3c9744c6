package dev.weir.metadata;

import dev.weir.core.error.ErrorCode;

/** What became of a command. */
public sealed interface MetadataResult {
  /**
   * The command has taken effect, now or the first time it was applied; {@code image} includes it.
   */
  record Applied(ClusterImage image) implements MetadataResult {}

  /** The thing has changed since the author looked: nothing was changed; look again. */
  record VersionConflict(long expected, long current) implements MetadataResult {}

  /** The command makes no sense for the cluster as it is; nothing was changed. */
  record Refused(ErrorCode code, String message) implements MetadataResult {}
}
