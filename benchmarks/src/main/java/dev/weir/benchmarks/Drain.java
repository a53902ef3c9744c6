package dev.weir.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A loopback connection whose other end reads and forgets everything. */
final class Drain implements AutoCloseable {
  private static final int READ_BYTES = 256 << 10;

  private final SocketChannel near;
  private final SocketChannel far;

  Drain() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      near = SocketChannel.open(server.getLocalAddress());
      far = server.accept();
    }
    Thread reader = new Thread(this::drain, "drain");
    reader.setDaemon(true);
    reader.start();
  }

  SocketChannel socket() {
    return near;
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
  }

  private void drain() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    try {
      while (far.read(buffer.clear()) >= 0) {
        // on to the next bytes
      }
    } catch (AsynchronousCloseException closed) {
      // done
    } catch (IOException failure) {
      System.err.println("the other end of the socket failed: " + failure);
    }
  }
}
