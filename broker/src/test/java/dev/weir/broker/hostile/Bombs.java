package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.broker.PlainClient;
import dev.weir.core.protocol.ProduceResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/** Compressed batches that are small until somebody reads them. */
final class Bombs {
  static final String TOPIC = "bombed";
  static final String PACKED = "packed";

  /** So that several of the broker's threads have one at the same time. */
  static final int PARTITIONS = 4;

  private static final int GZIP = 1;
  private static final int SNAPPY = 2;
  private static final int LZ4 = 3;
  private static final int ZSTD = 4;
  private static final int MOST_BATCH_BYTES = 1_100_000;
  private static final int AT_ONCE = 8;
  private static final int READERS = 64;
  private static final int READER_CONNECTIONS = 4;

  private Bombs() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A8", "bombs of each codec", Bombs::bombs),
        new Attack("A8", "declared sizes that lie", Bombs::lies),
        new Attack("A8", "readers that stop within a bomb", Bombs::readers));
  }

  private static void bombs(Target target, Control control) throws Exception {
    List<byte[]> bombs = new ArrayList<>();
    for (CompressionType type :
        List.of(
            CompressionType.GZIP,
            CompressionType.SNAPPY,
            CompressionType.LZ4,
            CompressionType.ZSTD)) {
      int value = Math.min(100 << 20, type == CompressionType.SNAPPY ? 20 << 20 : 200 << 20);
      byte[] one = zeros(type, 1, value);
      byte[] many = zeros(type, value / 1_000_000, 1_000_000);
      assertThat(one.length).as("one %s", type).isLessThan(MOST_BATCH_BYTES);
      assertThat(many.length).as("many %s", type).isLessThan(MOST_BATCH_BYTES);
      bombs.add(new BatchBytes().compressed(type.id, one).build());
      bombs.add(new BatchBytes().records(value / 1_000_000).compressed(type.id, many).build());
    }
    List<ProduceResult> results = explode(target, bombs);
    long refused = results.stream().filter(result -> result.getError() != 0).count();
    // Snappy shrinks to a twentieth at best: those batches of records are within all limits.
    long all = (long) AT_ONCE * bombs.size();
    control.counted("bombs", all, all);
    control.counted("refused", refused, all - AT_ONCE);
    control.rose("weir_produce_refused_total", (double) refused);
  }

  /** Zeros, compressed as Kafka does it. */
  private static byte[] zeros(CompressionType type, int records, int valueBytes)
      throws IOException {
    ByteBufferOutputStream out = new ByteBufferOutputStream(MOST_BATCH_BYTES);
    try (OutputStream compressed = Compression.of(type).build().wrapForOutput(out, (byte) 2)) {
      writeZeros(compressed, records, valueBytes);
    }
    ByteBuffer buffer = out.buffer().flip();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static void writeZeros(OutputStream out, int records, int valueBytes) throws IOException {
    byte[] zeros = new byte[1 << 16];
    for (int i = 0; i < records; i++) {
      out.write(BatchBytes.recordHead(i, valueBytes));
      for (int left = valueBytes; left > 0; left -= zeros.length) {
        out.write(zeros, 0, Math.min(left, zeros.length));
      }
      out.write(0); // no headers
    }
  }

  /** All of them at the same time, again and again. */
  private static List<ProduceResult> explode(Target target, List<byte[]> batches) throws Exception {
    ByteString topic = target.createTopic(TOPIC, PARTITIONS, "");
    ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE);
    try (PlainClient client = PlainClient.connect(target.broker().port(), RawClient.JSON)) {
      List<Future<ProduceResult>> sending = new ArrayList<>();
      for (byte[] batch : batches) {
        for (int i = 0; i < AT_ONCE; i++) {
          int partition = i % PARTITIONS;
          sending.add(senders.submit(() -> LyingBatches.produce(client, topic, partition, batch)));
        }
      }
      List<ProduceResult> results = new ArrayList<>();
      for (Future<ProduceResult> each : sending) {
        results.add(each.get(Target.SOON.toSeconds() * 3, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      senders.shutdownNow();
    }
  }

  private static void lies(Target target, Control control) throws Exception {
    List<byte[]> lies =
        List.of(
            lie(SNAPPY, bareSnappy(31 << 20, 100_000)),
            lie(SNAPPY, bareSnappy(Integer.MAX_VALUE, 1_000)),
            lie(SNAPPY, framedSnappy(31 << 20, 100_000)),
            lie(SNAPPY, framedSnappy(-1, 1_000)),
            lie(LZ4, lz4Frame(100_000)),
            lie(ZSTD, zstdFrame(100_000)),
            lie(GZIP, new byte[100_000]));
    List<ProduceResult> results = explode(target, lies);
    assertThat(results).allMatch(result -> result.getError() != 0);
    control.rose("weir_produce_refused_total", results.size());
  }

  private static byte[] lie(int codec, byte[] body) {
    return new BatchBytes().compressed(codec, body).build();
  }

  private static byte[] bareSnappy(int declared, int bytes) {
    ByteBuffer block = ByteBuffer.allocate(bytes);
    int left = declared;
    for (; (left & ~0x7f) != 0; left >>>= 7) {
      block.put((byte) ((left & 0x7f) | 0x80));
    }
    return block.put((byte) left).array();
  }

  private static byte[] framedSnappy(int declared, int bytes) {
    byte[] block = bareSnappy(declared, bytes);
    ByteBuffer framed = ByteBuffer.allocate(20 + bytes);
    framed.put(new byte[] {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0}).putInt(1).putInt(1);
    return framed.putInt(bytes).put(block).array();
  }

  /** Blocks of 4 MiB, of which one is announced and nothing comes. */
  private static byte[] lz4Frame(int bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LZ4FrameOutputStream frame =
        new LZ4FrameOutputStream(out, LZ4FrameOutputStream.BLOCKSIZE.SIZE_4MB);
    frame.flush();
    ByteBuffer whole = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return whole.put(out.toByteArray()).putInt(4 << 20).array();
  }

  /** A window of 128 MiB and as much content. */
  private static byte[] zstdFrame(int bytes) {
    ByteBuffer frame = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(0xFD2FB528).put((byte) 0xC0).put((byte) ((27 - 10) << 3)).putLong(1L << 40);
    return frame.array();
  }

  /** Within all limits, but whoever reads needs 8 MiB for it. */
  private static void readers(Target target, Control control) throws Exception {
    ByteString topic = target.createTopic(PACKED, 1, "");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream frame =
        new LZ4FrameOutputStream(
            out,
            LZ4FrameOutputStream.BLOCKSIZE.SIZE_4MB,
            LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE)) {
      writeZeros(frame, 20, 500_000);
    }
    byte[] batch = new BatchBytes().records(20).compressed(LZ4, out.toByteArray()).build();
    ProduceResult stored = LyingBatches.produce(target.honest(), topic, 0, batch);
    assertThat(stored.getError()).as("%s", stored).isZero();
    List<RawClient> clients = target.members(READER_CONNECTIONS);
    for (int i = 0; i < READERS; i++) {
      clients
          .get(i % READER_CONNECTIONS)
          .requestStream(
              2 * (i / READER_CONNECTIONS) + 1,
              "topics.packed.subscribe",
              "{\"from\":\"earliest\"}",
              1);
    }
    long received = 0;
    for (RawClient client : clients) {
      for (int i = 0; i < READERS / READER_CONNECTIONS; i++) {
        assertThat(client.nextAnswer().type()).isEqualTo(RawClient.PAYLOAD);
        received++;
      }
    }
    control.counted("first records received", received, READERS);
    control.shows("weir_subscriptions_waiting_demand", READERS);
    target.look();
  }
}
