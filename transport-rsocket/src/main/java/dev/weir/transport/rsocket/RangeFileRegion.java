package dev.weir.transport.rsocket;

import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/**
 * A file range in the socket's write queue. Leaves the file open and releases the range instead.
 */
final class RangeFileRegion extends DefaultFileRegion {
  private final RangeByteBuf buffer;

  /** Takes over one reference of the buffer. */
  RangeFileRegion(RangeByteBuf buffer, FileChannel channel) {
    super(channel, buffer.range().position(), buffer.range().length());
    this.buffer = buffer;
  }

  @Override
  protected void deallocate() {
    buffer.release();
  }
}
