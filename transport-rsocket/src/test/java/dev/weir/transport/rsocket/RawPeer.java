package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rsocket.Payload;
import io.rsocket.frame.FrameHeaderCodec;
import io.rsocket.frame.KeepAliveFrameCodec;
import io.rsocket.frame.RequestChannelFrameCodec;
import io.rsocket.frame.RequestResponseFrameCodec;
import io.rsocket.frame.RequestStreamFrameCodec;
import io.rsocket.frame.SetupFrameCodec;
import io.rsocket.util.DefaultPayload;
import io.rsocket.util.EmptyPayload;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A peer that does what no library would: sends any bytes, reads or does not. */
final class RawPeer implements AutoCloseable {
  private static final UnpooledByteBufAllocator ALLOCATOR =
      new UnpooledByteBufAllocator(false, true);

  final Socket socket = new Socket();
  private final OutputStream out;

  RawPeer(int port) throws IOException {
    socket.setReceiveBufferSize(64 * 1024);
    socket.setSoTimeout(30_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    out = socket.getOutputStream();
  }

  RawPeer setup() throws IOException {
    return send(
        SetupFrameCodec.encode(
            ALLOCATOR,
            false,
            10_000,
            60_000,
            MetadataCodec.ROUTING,
            "application/octet-stream",
            EmptyPayload.INSTANCE));
  }

  RawPeer requestStream(String route, int n) throws IOException {
    return requestStream(1, route, "1", n);
  }

  RawPeer requestStream(int streamId, String route, String data, int n) throws IOException {
    return send(
        RequestStreamFrameCodec.encodeReleasingPayload(
            ALLOCATOR, streamId, n, payload(route, data.getBytes(StandardCharsets.UTF_8))));
  }

  RawPeer requestResponse(int streamId, String route, byte[] data) throws IOException {
    return send(
        RequestResponseFrameCodec.encodeReleasingPayload(
            ALLOCATOR, streamId, payload(route, data)));
  }

  RawPeer requestChannel(int streamId, String route, byte[] data) throws IOException {
    return send(
        RequestChannelFrameCodec.encodeReleasingPayload(
            ALLOCATOR, streamId, false, 10, payload(route, data)));
  }

  private static Payload payload(String route, byte[] data) {
    byte[] metadata = new byte[1 + route.length()];
    metadata[0] = (byte) route.length();
    System.arraycopy(MetadataCodec.routeBytes(route), 0, metadata, 1, route.length());
    return DefaultPayload.create(data, metadata);
  }

  RawPeer keepAlive(int dataBytes) throws IOException {
    return send(
        KeepAliveFrameCodec.encode(
            ALLOCATOR, true, 0, Unpooled.wrappedBuffer(new byte[dataBytes])));
  }

  RawPeer send(ByteBuf frame) throws IOException {
    byte[] bytes = new byte[3 + frame.readableBytes()];
    bytes[0] = (byte) (frame.readableBytes() >> 16);
    bytes[1] = (byte) (frame.readableBytes() >> 8);
    bytes[2] = (byte) frame.readableBytes();
    frame.readBytes(bytes, 3, frame.readableBytes());
    frame.release();
    return sendBytes(bytes);
  }

  RawPeer sendBytes(byte... bytes) throws IOException {
    out.write(bytes);
    return this;
  }

  /** The next frame, or null at the end of the connection. */
  ByteBuf readFrame() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int first = in.read();
    if (first < 0) {
      return null;
    }
    int length = first << 16 | in.readUnsignedShort();
    return Unpooled.wrappedBuffer(in.readNBytes(length));
  }

  /** Reads until the end; returns the type of the last frame as text. */
  String readToEnd() {
    String last = "nothing";
    try {
      for (ByteBuf frame = readFrame(); frame != null; frame = readFrame()) {
        last = FrameHeaderCodec.frameType(frame).name();
        if (last.equals("ERROR")) {
          last += ": " + io.rsocket.frame.ErrorFrameCodec.dataUtf8(frame);
        }
      }
      return last;
    } catch (IOException e) {
      return last;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
