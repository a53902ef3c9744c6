package dev.weir.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** RSocket frames that a subscriber writes, with their length, as docs/protocol.md has them. */
final class WeirFrames {
  static final int UNBOUNDED = Integer.MAX_VALUE;

  private static final int SETUP = 0x01;
  private static final int KEEPALIVE = 0x03;
  private static final int REQUEST_STREAM = 0x06;
  private static final int REQUEST_N = 0x08;
  private static final int CANCEL = 0x09;
  private static final int HAS_METADATA = 0x100;
  private static final byte ROUTING = (byte) 0xfe;
  private static final int KEEPALIVE_MILLIS = 5_000;
  private static final int LIFETIME_MILLIS = 20_000;
  private static final int MOST = 1024;

  private WeirFrames() {}

  static ByteBuffer setup() {
    ByteBuffer frame = begin(0, SETUP, 0);
    frame.putShort((short) 1).putShort((short) 0);
    frame.putInt(KEEPALIVE_MILLIS).putInt(LIFETIME_MILLIS);
    shortText(frame, "message/x.rsocket.composite-metadata.v0");
    shortText(frame, "application/octet-stream");
    return end(frame);
  }

  static ByteBuffer requestStream(int stream, String route, byte[] data, int demand) {
    byte[] tag = route.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = begin(stream, REQUEST_STREAM, HAS_METADATA).putInt(demand);
    length(frame, 1 + 3 + 1 + tag.length);
    frame.put(ROUTING);
    length(frame, 1 + tag.length);
    frame.put((byte) tag.length).put(tag).put(data);
    return end(frame);
  }

  static ByteBuffer requestN(int stream, int demand) {
    return end(begin(stream, REQUEST_N, 0).putInt(demand));
  }

  static ByteBuffer cancel(int stream) {
    return end(begin(stream, CANCEL, 0));
  }

  static ByteBuffer keepAlive() {
    return end(begin(0, KEEPALIVE, 0).putLong(0));
  }

  private static ByteBuffer begin(int stream, int type, int flags) {
    ByteBuffer frame = ByteBuffer.allocate(MOST);
    length(frame, 0);
    return frame.putInt(stream).putShort((short) (type << 10 | flags));
  }

  private static ByteBuffer end(ByteBuffer frame) {
    frame.flip();
    int size = frame.limit() - 3;
    return frame.put(0, (byte) (size >> 16)).put(1, (byte) (size >> 8)).put(2, (byte) size);
  }

  private static void length(ByteBuffer frame, int length) {
    frame.put((byte) (length >> 16)).put((byte) (length >> 8)).put((byte) length);
  }

  private static void shortText(ByteBuffer frame, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    frame.put((byte) bytes.length).put(bytes);
  }
}
