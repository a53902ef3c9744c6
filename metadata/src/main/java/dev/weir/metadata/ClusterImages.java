package dev.weir.metadata;

import java.util.function.Consumer;

/** Where a broker reads what the cluster looks like. Callable from any thread; never blocks. */
public interface ClusterImages {
  /** The newest image this process has heard of; the cluster may be further. */
  ClusterImage current();

  /**
   * Tells the listener about every image from now on, in order of version, on the store's thread:
   * it must not block. A result of {@link MetadataStore#submit} is given only after the listeners
   * have seen the image it led to.
   */
  void listen(Consumer<ClusterImage> listener);
}
