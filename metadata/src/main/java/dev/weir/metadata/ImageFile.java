package dev.weir.metadata;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One image in one file, replaced as a whole: written beside, flushed, renamed over, directory
 * flushed. After a crash the file holds the old image or the new one.
 *
 * <p>Layout: magic, format version, length of the image, CRC-32C of the image (4 bytes each,
 * big-endian), the image.
 */
final class ImageFile {
  static final String NAME = "cluster.metadata";

  private static final Pattern PARTITION = Pattern.compile(".+-\\d+");
  private static final int MAGIC = 0x57454952; // "WEIR"
  private static final int FORMAT_VERSION = 1;
  private static final int HEADER_BYTES = 16;

  private final Path dir;
  private final Path file;
  private final Path temporary;

  ImageFile(Path dir) {
    this.dir = dir;
    this.file = dir.resolve(NAME);
    this.temporary = dir.resolve(NAME + ".tmp");
  }

  /**
   * The stored image, or null when none was ever written.
   *
   * @throws WeirException STORAGE_OFFLINE: the file is damaged, of a newer version, or missing
   *     although there are partitions
   */
  @Nullable ClusterImage read() throws IOException {
    if (!Files.exists(file)) {
      requireNoPartitions();
      return null;
    }
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length < HEADER_BYTES) {
      throw damaged("it has only " + bytes.length + " bytes", null);
    }
    ByteBuffer header = ByteBuffer.wrap(bytes, 0, HEADER_BYTES);
    if (header.getInt() != MAGIC) {
      throw damaged("it does not begin like a metadata file", null);
    }
    int version = header.getInt();
    if (version != FORMAT_VERSION) {
      throw new WeirException(
          ErrorCode.STORAGE_OFFLINE,
          "metadata file %s has format version %d; this broker reads version %d"
              .formatted(file, version, FORMAT_VERSION));
    }
    int length = header.getInt();
    if (length != bytes.length - HEADER_BYTES) {
      throw damaged(
          "it should hold " + length + " bytes and holds " + (bytes.length - HEADER_BYTES), null);
    }
    byte[] image = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    if (checksum(image) != header.getInt()) {
      throw damaged("its checksum does not match", null);
    }
    try {
      return ImageCodec.decode(image);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw damaged("its content cannot be read", e);
    }
  }

  private void requireNoPartitions() throws IOException {
    if (!Files.isDirectory(dir)) {
      return;
    }
    try (DirectoryStream<Path> partitions = Files.newDirectoryStream(dir, ImageFile::isPartition)) {
      for (Path partition : partitions) {
        throw new WeirException(
            ErrorCode.STORAGE_OFFLINE,
            "metadata file %s is missing although %s holds a partition's log; restore the file, or start with an empty data directory"
                .formatted(file, partition));
      }
    }
  }

  private static boolean isPartition(Path path) throws IOException {
    if (!PARTITION.matcher(path.getFileName().toString()).matches() || !Files.isDirectory(path)) {
      return false;
    }
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(path, "*.log")) {
      return logs.iterator().hasNext();
    }
  }

  /** The image was not written, and the file is as it was: another attempt may succeed. */
  static final class UnchangedException extends IOException {
    private static final long serialVersionUID = 1L;

    UnchangedException(String message, IOException cause) {
      super(message, cause);
    }
  }

  /**
   * Returns when the image is on stable storage.
   *
   * @throws UnchangedException it could not be written beside the file, for want of space for
   *     instance; after any other exception it is not known what the file holds
   */
  void write(ClusterImage image) throws IOException {
    byte[] bytes = ImageCodec.encode(image);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putInt(MAGIC).putInt(FORMAT_VERSION).putInt(bytes.length).putInt(checksum(bytes)).flip();
    try (FileChannel channel = openTemporary()) {
      writeBeside(channel, header, ByteBuffer.wrap(bytes));
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(dir, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private FileChannel openTemporary() throws IOException {
    try {
      return FileChannel.open(
          temporary,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
    } catch (IOException failure) {
      throw new UnchangedException(failure.toString(), failure);
    }
  }

  private static void writeBeside(FileChannel channel, ByteBuffer... parts) throws IOException {
    try {
      for (ByteBuffer part : parts) {
        writeFully(channel, part);
      }
    } catch (IOException failure) {
      try {
        channel.truncate(0); // what there is of it only takes up space
      } catch (IOException alsoFailed) {
        failure.addSuppressed(alsoFailed);
      }
      throw new UnchangedException(failure.toString(), failure);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private WeirException damaged(String what, @Nullable Throwable cause) {
    return new WeirException(
        ErrorCode.STORAGE_OFFLINE,
        "metadata file " + file + " is damaged: " + what + "; restore it from a copy",
        cause);
  }
}
