package dev.weir.broker.cli;

import dev.weir.client.Acks;
import dev.weir.client.ProducerSettings;
import dev.weir.client.Serializers;
import dev.weir.core.record.Compression;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** How records are sent. */
final class SendOptions {
  private static final int BATCH_BYTES = 256 << 10;
  private static final long MAX_BUFFER_BYTES = 32 << 20;
  private static final int ROOM_BESIDE_LARGEST_RECORD = 1 << 20;

  @Option(
      names = "--acks",
      paramLabel = "all|1|0",
      description =
          "what an acknowledgement means: in-sync replicas, leader, nothing; default: all",
      converter = AcksChoice.class)
  private Acks acks = Acks.ALL;

  @Option(
      names = "--compression",
      paramLabel = "none|gzip|snappy|lz4|zstd",
      description = "default: none",
      converter = CompressionChoice.class)
  private Compression compression = Compression.NONE;

  Acks acks() {
    return acks;
  }

  /** A buffer that leaves most of a small heap free. */
  ProducerSettings<byte[], byte[]> settings(int maxRecordBytes) {
    long share = Math.min(MAX_BUFFER_BYTES, Runtime.getRuntime().maxMemory() / 8);
    long least = (long) maxRecordBytes + ROOM_BESIDE_LARGEST_RECORD;
    return ProducerSettings.of(Serializers.bytes(), Serializers.bytes())
        .withAcks(acks)
        .withCompression(compression)
        .withBatchBytes(BATCH_BYTES)
        .withMaxRecordBytes(maxRecordBytes)
        .withBufferBytes((int) Math.max(share, least));
  }

  static final class AcksChoice implements ITypeConverter<Acks> {
    @Override
    public Acks convert(String value) {
      return Choice.of(value, Map.of("all", Acks.ALL, "1", Acks.LEADER, "0", Acks.NONE));
    }
  }

  static final class CompressionChoice implements ITypeConverter<Compression> {
    @Override
    public Compression convert(String value) {
      return Choice.of(
          value,
          Arrays.stream(Compression.values())
              .collect(Collectors.toMap(Compression::codecName, codec -> codec)));
    }
  }
}
