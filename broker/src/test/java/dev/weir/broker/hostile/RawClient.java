package dev.weir.broker.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Writes RSocket frames byte by byte, also such as no library would write, and reads or does not.
 */
final class RawClient implements AutoCloseable {
  static final String ROUTING = "message/x.rsocket.routing.v0";
  static final String JSON = "application/json";

  static final int SETUP = 1;
  static final int KEEPALIVE = 3;
  static final int REQUEST_RESPONSE = 4;
  static final int REQUEST_STREAM = 6;
  static final int REQUEST_CHANNEL = 7;
  static final int REQUEST_N = 8;
  static final int CANCEL = 9;
  static final int PAYLOAD = 10;
  static final int ERROR = 11;

  static final int METADATA = 1 << 8;
  static final int FOLLOWS = 1 << 7;
  static final int RESPOND = 1 << 7;
  static final int NEXT = 1 << 5;

  private static final int TYPE_SHIFT = 10;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int SMALL_BUFFER = 32 * 1024;

  private final Socket socket = new Socket();
  private final OutputStream out;
  private boolean atEnd;

  /** A frame that came. */
  static final class Frame {
    private final int streamId;
    private final int type;
    private final byte[] body;

    private Frame(int streamId, int type, byte[] body) {
      this.streamId = streamId;
      this.type = type;
      this.body = body;
    }

    int streamId() {
      return streamId;
    }

    int type() {
      return type;
    }

    int bodyBytes() {
      return body.length;
    }

    /** Of a record with a number. */
    long firstLong() {
      return ByteBuffer.wrap(body).getLong();
    }

    /** Of an ERROR frame. */
    String text() {
      return new String(body, Integer.BYTES, body.length - Integer.BYTES, UTF_8);
    }
  }

  /**
   * Connects.
   *
   * @param from an address of this machine, so that attackers do not share the victims'
   */
  RawClient(int port, String from) throws IOException {
    socket.setReceiveBufferSize(SMALL_BUFFER);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    out = socket.getOutputStream();
  }

  RawClient setup() throws IOException {
    return setup(ROUTING, JSON);
  }

  RawClient setup(String metadataMime, String dataMime) throws IOException {
    Body body = new Body().shortNumber(1).shortNumber(0).number(5_000).number(60_000);
    body.shortText(metadataMime).shortText(dataMime);
    return frame(0, SETUP, 0, body);
  }

  /** What comes behind a frame's header. */
  static final class Body {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream data = new DataOutputStream(bytes);

    Body number(int n) throws IOException {
      data.writeInt(n);
      return this;
    }

    Body shortNumber(int n) throws IOException {
      data.writeShort(n);
      return this;
    }

    Body longNumber(long n) throws IOException {
      data.writeLong(n);
      return this;
    }

    Body shortText(String text) throws IOException {
      data.writeByte(text.length());
      return text(text);
    }

    Body text(String text) throws IOException {
      data.write(text.getBytes(ISO_8859_1));
      return this;
    }

    Body bytes(byte[] some) throws IOException {
      data.write(some);
      return this;
    }

    Body zeros(int count) throws IOException {
      data.write(new byte[count]);
      return this;
    }

    /** Metadata with its length in three bytes: a route, and whatever follows it. */
    Body route(String route, int more) throws IOException {
      int length = 1 + route.length() + more;
      data.writeByte(length >> 16);
      data.writeShort(length);
      return shortText(route).zeros(more);
    }
  }

  RawClient frame(int streamId, int type, int flags, Body body) throws IOException {
    out.write(bytes(streamId, type, flags, body));
    return this;
  }

  /** A whole frame behind its length. */
  static byte[] bytes(int streamId, int type, int flags, Body body) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(frame);
    int length = Integer.BYTES + Short.BYTES + body.bytes.size();
    data.writeByte(length >> 16);
    data.writeShort(length);
    data.writeInt(streamId);
    data.writeShort(type << TYPE_SHIFT | flags);
    body.bytes.writeTo(data);
    return frame.toByteArray();
  }

  RawClient requestStream(int streamId, String route, String json, int n) throws IOException {
    return frame(
        streamId, REQUEST_STREAM, METADATA, new Body().number(n).route(route, 0).text(json));
  }

  RawClient requestStream(int streamId, String route, byte[] data, int n) throws IOException {
    return frame(
        streamId, REQUEST_STREAM, METADATA, new Body().number(n).route(route, 0).bytes(data));
  }

  RawClient requestResponse(int streamId, String route, String json) throws IOException {
    return frame(streamId, REQUEST_RESPONSE, METADATA, new Body().route(route, 0).text(json));
  }

  RawClient requestN(int streamId, int n) throws IOException {
    return frame(streamId, REQUEST_N, 0, new Body().number(n));
  }

  RawClient cancel(int streamId) throws IOException {
    return frame(streamId, CANCEL, 0, new Body());
  }

  /** The length of a frame and some of its bytes, which are no more than that. */
  RawClient beginFrame(int length, int sent) throws IOException {
    return raw((byte) (length >> 16), (byte) (length >> 8), (byte) length).raw(new byte[sent]);
  }

  RawClient raw(byte... bytes) throws IOException {
    out.write(bytes);
    return this;
  }

  /** The next frame, or null at the end. */
  @Nullable Frame read() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int first = in.read();
    if (first < 0) {
      return null;
    }
    int length = first << 16 | in.readUnsignedShort();
    int streamId = in.readInt();
    int type = in.readUnsignedShort() >> TYPE_SHIFT;
    byte[] body = in.readNBytes(length - Integer.BYTES - Short.BYTES);
    return new Frame(streamId, type, body);
  }

  /** Reads on until the end, whatever it is, also the beginning of a frame. */
  long countToEnd() {
    long count = 0;
    byte[] buffer = new byte[SMALL_BUFFER];
    try {
      InputStream in = socket.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        count += n;
      }
      atEnd = true;
    } catch (SocketTimeoutException e) {
      // The broker has left it open.
    } catch (IOException e) {
      atEnd = true;
    }
    return count;
  }

  /** Whether reading came to the end: the broker has closed the connection. */
  boolean isAtEnd() {
    return atEnd;
  }

  /** What the next error says, of a stream or of the connection; "closed" when none comes. */
  String nextError() {
    try {
      for (Frame frame = read(); frame != null; frame = read()) {
        if (frame.type() == ERROR) {
          return frame.text();
        }
      }
      return "closed";
    } catch (SocketTimeoutException e) {
      return "still open";
    } catch (IOException e) {
      return "closed";
    }
  }

  /** The next frame that carries data, or tells of an error. */
  Frame nextAnswer() throws IOException {
    for (Frame frame = read(); frame != null; frame = read()) {
      if (frame.type() == PAYLOAD || frame.type() == ERROR) {
        return frame;
      }
    }
    throw new EOFException("the connection ended");
  }

  /** As {@link #readToEnd()}, with less patience. */
  String readToEnd(Duration patience) throws IOException {
    socket.setSoTimeout((int) patience.toMillis());
    return readToEnd();
  }

  /** Reads on; returns the reason the broker closed with, or "closed" when it gave none. */
  String readToEnd() {
    String reason = "closed";
    try {
      for (Frame frame = read(); frame != null; frame = read()) {
        if (frame.streamId() == 0 && frame.type() == ERROR) {
          reason = frame.text();
        }
      }
    } catch (SocketTimeoutException e) {
      return "still open";
    } catch (IOException e) {
      return reason; // reset: what was sent was not all read
    }
    return reason;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
