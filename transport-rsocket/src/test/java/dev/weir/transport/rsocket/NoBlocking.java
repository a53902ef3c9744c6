package dev.weir.transport.rsocket;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;

/** Makes blocking calls on event loops throw, disk reads and writes among them. */
public final class NoBlocking implements BeforeAllCallback {
  private static final String FILE_CHANNEL = "sun/nio/ch/FileChannelImpl";

  static {
    BlockHound.builder()
        .loadIntegrations()
        .markAsBlocking(FILE_CHANNEL, "read", "(Ljava/nio/ByteBuffer;)I")
        .markAsBlocking(FILE_CHANNEL, "read", "(Ljava/nio/ByteBuffer;J)I")
        .markAsBlocking(FILE_CHANNEL, "write", "(Ljava/nio/ByteBuffer;)I")
        .markAsBlocking(FILE_CHANNEL, "write", "(Ljava/nio/ByteBuffer;J)I")
        .markAsBlocking(FILE_CHANNEL, "force", "(Z)V")
        // Holds a lock for a few instructions.
        .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "execute")
        .install();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    // Loading this class has done it, once per JVM.
  }
}
