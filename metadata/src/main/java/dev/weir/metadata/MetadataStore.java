package dev.weir.metadata;

import java.util.concurrent.CompletionStage;

/**
 * The port to the cluster's truth. Commands are applied one at a time, in one order that every
 * broker sees.
 *
 * <p>Whoever opened the store closes it. Callable from any thread; no method but {@link #close}
 * blocks.
 */
public interface MetadataStore extends AutoCloseable {
  ClusterImages images();

  /**
   * Applies the command. The stage completes once the result is durable, on a thread of the store:
   * dependants must not block. It fails with a {@link dev.weir.core.error.WeirException}:
   * OVERLOADED (too many commands wait, not applied), CLOSED (not applied), STORAGE_FULL (no space,
   * not applied), STORAGE_OFFLINE (outcome unknown until the next start).
   */
  CompletionStage<MetadataResult> submit(MetadataCommand command);

  /** Applies what was submitted, then stops. May be called again. */
  @Override
  void close();
}
