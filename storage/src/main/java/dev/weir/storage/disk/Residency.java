package dev.weir.storage.disk;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel which bytes of a file are in the page cache: maps them, asks, unmaps, without
 * touching a page. A mapping that waited for the collector would keep the space of a deleted file
 * and count against the mappings a process may have, so it goes at once.
 */
final class Residency {
  private static final @Nullable MethodHandle UNMAP = unmap();

  private Residency() {}

  /** False when nothing can be said. */
  static boolean of(FileChannel channel, long position, int length) throws IOException {
    MethodHandle unmap = UNMAP;
    if (unmap == null) {
      return false;
    }
    MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, position, length);
    try {
      return map.isLoaded();
    } finally {
      unmap(unmap, map);
    }
  }

  private static void unmap(MethodHandle unmap, ByteBuffer map) {
    try {
      unmap.invoke(map);
    } catch (Throwable failure) {
      throw new IllegalStateException("a mapping was not given back", failure);
    }
  }

  /** The only way a JVM of 17 has; null where it has gone. */
  private static @Nullable MethodHandle unmap() {
    try {
      Class<?> unsafe = Class.forName("sun.misc.Unsafe");
      Field instance = unsafe.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      return MethodHandles.lookup()
          .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
          .bindTo(instance.get(null));
    } catch (ReflectiveOperationException | RuntimeException gone) {
      return null;
    }
  }
}
