package dev.weir.broker.campaign;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An ext4 file system of its own in a file, mounted through a loop device, whose power can be cut:
 * the file system's SHUTDOWN ioctl without a journal flush drops every write that was not synced.
 */
public final class LoopDisk implements AutoCloseable {
  /**
   * The process is stopped, then EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, then the
   * process is killed. Stopped first, because an fdatasync that the shutdown overtakes may report
   * success for bytes that are gone; a real power cut leaves nobody who could believe it. Threads
   * in state D are in the kernel and will not come back from it.
   */
  private static final String CUT =
      """
      my ($path, $pid) = @ARGV;
      open(my $disk, '<', $path) or die "$path: $!";
      kill('STOP', $pid) if $pid;
      for (my $waits = 0; $pid; $waits++) {
        my $runs = 0;
        for my $task (glob("/proc/$pid/task/*/stat")) {
          open(my $stat, '<', $task) or next;
          $runs++ if <$stat> !~ /\\) [TtDZX]/;
        }
        last if !$runs;
        die "process $pid does not stop" if $waits > 5000;
        select(undef, undef, undef, 0.001);
      }
      my $flags = pack('L', 2);
      ioctl($disk, 0x8004587d, $flags) or die "shutdown: $!";
      kill('KILL', $pid) if $pid;
      """;

  private static final int WITNESS_BYTES = 64 << 10;

  private final Path image;
  private final Path mountPoint;
  private final String options;
  private final Thread atExit = new Thread(this::release, "loop-disk-release");
  private int cuts;

  private LoopDisk(Path image, Path mountPoint, String options) {
    this.image = image;
    this.options = "loop," + options;
    this.mountPoint = mountPoint;
  }

  /** Why there can be none here; null when there can. */
  public static @Nullable String unavailable() {
    try {
      if (!Commands.run("id", "-u").equals("0")) {
        return "mounting a disk of its own needs root";
      }
      Path probe = Files.createTempDirectory("weir-disk");
      try (LoopDisk disk = create(probe, 16)) {
        return disk.cut(0) ? null : "what was not synced survives a power cut on this disk";
      } finally {
        Files.deleteIfExists(probe);
      }
    } catch (IOException refused) {
      return "no disk of its own can be mounted: " + refused.getMessage();
    }
  }

  /** Makes and mounts it below the directory. */
  public static LoopDisk create(Path dir, int mebibytes) throws IOException {
    return create(dir, mebibytes, "rw");
  }

  /**
   * @param options for mounting it
   */
  static LoopDisk create(Path dir, int mebibytes, String options) throws IOException {
    LoopDisk disk = new LoopDisk(dir.resolve("disk.img"), dir.resolve("disk"), options);
    Runtime.getRuntime().addShutdownHook(disk.atExit);
    try {
      Files.createDirectories(disk.mountPoint);
      Commands.run("truncate", "-s", mebibytes + "M", disk.image.toString());
      Commands.run("mkfs.ext4", "-q", "-F", "-m", "0", disk.image.toString());
      disk.mount();
      return disk;
    } catch (IOException failure) {
      disk.close();
      throw failure;
    }
  }

  public Path path() {
    return mountPoint;
  }

  /**
   * Cuts the power while the process runs, ends the process and mounts the disk again.
   *
   * @param pid 0 for none
   * @return whether the cut was one: bytes written and not synced right before it are gone, and
   *     those that were synced are there
   */
  public boolean cut(long pid) throws IOException {
    byte[] bytes = new byte[WITNESS_BYTES];
    new Random(cuts).nextBytes(bytes);
    Path synced = mountPoint.resolve("synced-" + cuts);
    Path unsynced = mountPoint.resolve("unsynced-" + cuts);
    cuts++;
    try (FileChannel directory = FileChannel.open(mountPoint);
        FileChannel file =
            FileChannel.open(synced, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(java.nio.ByteBuffer.wrap(bytes));
      file.force(true);
      directory.force(true);
    }
    Files.write(unsynced, bytes);
    Commands.run("perl", "-e", CUT, mountPoint.toString(), Long.toString(pid));
    if (pid != 0) {
      ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
    }
    unmount();
    mount();
    boolean kept = Files.exists(synced) && sameBytes(synced, bytes);
    boolean gone = !Files.exists(unsynced) || !sameBytes(unsynced, bytes);
    Files.deleteIfExists(synced);
    Files.deleteIfExists(unsynced);
    return kept && gone;
  }

  /** From now on every operation fails with EIO; what was not synced is gone. */
  void shutDown() throws IOException {
    Commands.run("perl", "-e", CUT, mountPoint.toString(), "0");
  }

  /** The file system finds an error in itself and does what its mount options say. */
  void triggerError() throws IOException {
    String device = Commands.run("findmnt", "-n", "-o", "SOURCE", mountPoint.toString());
    Path trigger =
        Path.of("/sys/fs/ext4", String.valueOf(Path.of(device).getFileName()), "trigger_fs_error");
    Files.writeString(trigger, "1");
  }

  /** Checks and repairs it, and mounts it again; nobody may use it. */
  void repair() throws IOException {
    unmount();
    Commands.run("sh", "-c", "e2fsck -p \"$0\" || [ $? -eq 1 ]", image.toString());
    mount();
  }

  private static boolean sameBytes(Path file, byte[] bytes) throws IOException {
    return java.util.Arrays.equals(Files.readAllBytes(file), bytes);
  }

  private void mount() throws IOException {
    Commands.run("mount", "-o", options, image.toString(), mountPoint.toString());
  }

  /** The loop device goes with the mount. */
  private void unmount() throws IOException {
    Commands.run("umount", mountPoint.toString());
  }

  private void release() {
    try {
      Commands.run("umount", "-l", mountPoint.toString());
    } catch (IOException notMounted) {
      // nothing to release
    }
    try {
      Files.deleteIfExists(image);
      Files.deleteIfExists(mountPoint);
    } catch (IOException stillUsed) {
      System.err.println("not removed: " + stillUsed.getMessage());
    }
  }

  @Override
  public void close() {
    release();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      // the hook runs already
    }
  }
}
