package dev.weir.storage.disk;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that can lose what was not synced and fail where it is told to. It keeps the
 * durable image and, in order, the operations that no fsync has covered: of files and of
 * directories, separately. A failed fsync reports once and drops what it should have written, which
 * programs still see until the power is cut.
 *
 * <p>Every changing operation has a number, from 1 on; crashes and faults are set by it. Any thread
 * may call, one at a time; the same calls give the same disk.
 */
public final class SimulatedLogFiles implements LogFiles {
  private final Unsynced.Names visible = new Unsynced.Names(new TreeMap<>(), new TreeSet<>());
  private final Unsynced.Names durable = new Unsynced.Names(new TreeMap<>(), new TreeSet<>());
  private final List<Unsynced> unsynced = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();
  private final Set<Path> locked = new HashSet<>();
  private final Map<Long, Fault> faults = new TreeMap<>();
  private long crashAt = -1;
  private boolean dead;
  private boolean full;
  private boolean noDescriptors;
  private boolean noCache;
  private int process;

  /** A disk with one empty directory, durable. */
  public SimulatedLogFiles(Path root) {
    for (Path path = root; path != null; path = path.getParent()) {
      visible.directories().add(path);
      durable.directories().add(path);
    }
  }

  /** The process dies in this operation: it has begun, what of it is durable is not known. */
  public synchronized void crashAt(long operation) {
    crashAt = operation;
  }

  /** This operation fails. */
  public synchronized void failAt(long operation, Fault fault) {
    faults.put(operation, fault);
  }

  /** From now on nothing can be opened, or it can again. */
  public synchronized void withoutDescriptors(boolean none) {
    noDescriptors = none;
  }

  /** From now on nothing is in the page cache, or everything again. */
  public synchronized void withoutCache(boolean none) {
    noCache = none;
  }

  synchronized boolean isCached() {
    return !noCache;
  }

  /** Bits of a byte have turned, in the page cache and on stable storage alike. */
  public synchronized void rot(Path file, int at, int mask) throws IOException {
    visibleContent(file).rot(at, mask);
  }

  /** A byte cannot be read any more: a read that covers it fails. */
  public synchronized void failReadsOf(Path file, int at) throws IOException {
    visibleContent(file).failReadsOf(at);
  }

  /** The disk is not full any more. */
  public synchronized void freeSpace() {
    full = false;
  }

  /** How many changing operations there were. */
  public synchronized long operations() {
    return trace.size();
  }

  /** What they were, in order. */
  public synchronized List<String> trace() {
    return List.copyOf(trace);
  }

  /**
   * The process ended; the kernel, and so all that was written, lives on. A new process may begin.
   */
  public synchronized void kill() {
    newProcess();
  }

  /** The machine lost power. A new process may begin on what is left. */
  public synchronized void cutPower(Survival survival, Random random) {
    int upTo =
        switch (survival) {
          case NONE -> 0;
          case ALL, SUBSET, SHREDDED -> unsynced.size();
          case PREFIX, TORN -> random.nextInt(unsynced.size() + 1);
        };
    for (Unsynced operation : unsynced.subList(0, upTo)) {
      boolean orderly = survival != Survival.SUBSET && survival != Survival.SHREDDED;
      if (orderly || random.nextBoolean()) {
        if (survival == Survival.SHREDDED && random.nextBoolean()) {
          operation.applyTorn(durable, random);
        } else {
          operation.apply(durable);
        }
      }
    }
    if (survival == Survival.TORN && upTo < unsynced.size()) {
      unsynced.get(upTo).applyTorn(durable, random);
    }
    unsynced.clear();
    durable.directories().removeIf(path -> !hasDurableParents(path));
    durable.files().keySet().removeIf(path -> !hasDurableParents(path));
    durable.files().values().forEach(SimulatedContent::forgetWhatIsNotDurable);
    visible.files().clear();
    visible.files().putAll(durable.files());
    visible.directories().clear();
    visible.directories().addAll(durable.directories());
    newProcess();
  }

  @Override
  public synchronized LogFile create(Path file) throws IOException {
    requireDescriptor(file);
    begin("create " + file.getFileName());
    if (visible.files().containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    if (!visible.directories().contains(file.getParent())) {
      throw new NoSuchFileException(file.toString());
    }
    if (full) {
      throw new DiskFullException(file, new IOException("simulated"));
    }
    SimulatedContent content = new SimulatedContent();
    record(new Unsynced.Link(file, content), visible);
    return new SimulatedLogFile(this, file, content, process);
  }

  @Override
  public synchronized LogFile open(Path file) throws IOException {
    return new SimulatedLogFile(this, file, contentOf(file), process);
  }

  @Override
  public synchronized LogFile settled(Path file) {
    requireAlive(process);
    return new SimulatedLogFile(this, file, null, process);
  }

  @Override
  public synchronized long size(Path file) throws IOException {
    requireAlive(process);
    return visibleContent(file).visible().length;
  }

  /** Opens: fails while there is no descriptor. */
  synchronized SimulatedContent contentOf(Path file) throws IOException {
    requireAlive(process);
    requireDescriptor(file);
    return visibleContent(file);
  }

  private void requireDescriptor(Path path) throws NoDescriptorException {
    if (noDescriptors) {
      throw new NoDescriptorException(path, new IOException("simulated"));
    }
  }

  private SimulatedContent visibleContent(Path file) throws IOException {
    SimulatedContent content = visible.files().get(file);
    if (content == null) {
      throw new NoSuchFileException(file.toString());
    }
    return content;
  }

  @Override
  public synchronized boolean exists(Path path) {
    requireAlive(process);
    return visible.files().containsKey(path) || visible.directories().contains(path);
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent != null && !visible.directories().contains(parent)) {
      createDirectories(parent);
    }
    if (!visible.directories().contains(directory)) {
      begin("mkdir " + directory.getFileName());
      record(new Unsynced.MakeDirectory(directory), visible);
    }
  }

  @Override
  public synchronized List<String> list(Path directory) throws IOException {
    requireAlive(process);
    if (!visible.directories().contains(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    Set<String> names = new TreeSet<>();
    Predicate<Path> inside = path -> directory.equals(path.getParent());
    visible.files().keySet().stream().filter(inside).forEach(path -> names.add(name(path)));
    visible.directories().stream().filter(inside).forEach(path -> names.add(name(path)));
    return List.copyOf(names);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    begin("rename " + from.getFileName() + " " + to.getFileName());
    SimulatedContent content = visible.files().get(from);
    if (content != null) {
      record(new Unsynced.Rename(from, to, content), visible);
    } else if (visible.directories().contains(from)) {
      record(new Unsynced.RenameDirectory(from, to), visible);
    } else {
      throw new NoSuchFileException(from.toString());
    }
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    requireAlive(process);
    if (exists(path)) {
      begin("delete " + path.getFileName());
      record(new Unsynced.Unlink(path), visible);
    }
  }

  @Override
  public synchronized void syncDirectory(Path directory) throws IOException {
    requireDescriptor(directory);
    Fault fault = start("sync " + directory.getFileName());
    crashIfDue();
    if (fault == null) {
      for (Unsynced operation : unsynced) {
        if (operation.isEntryOf(directory)) {
          operation.apply(durable);
        }
      }
    }
    unsynced.removeIf(operation -> operation.isEntryOf(directory));
    if (fault != null) {
      throw new IOException("simulated failure of a directory sync");
    }
  }

  @Override
  public synchronized Closeable lock(Path directory) throws IOException {
    if (!locked.add(directory)) {
      throw new IOException("the directory " + directory + " is in use by another broker");
    }
    return () -> locked.remove(directory);
  }

  /** Appends at the visible end; on a fault half of it. */
  synchronized void append(Path path, SimulatedContent content, byte[] bytes) throws IOException {
    Fault fault = start("append " + path.getFileName() + " " + bytes.length);
    boolean fails = fault != null || full;
    ByteBuffer written = ByteBuffer.wrap(fails ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
    int position = content.visible().length;
    content.write(position, written);
    unsynced.add(new Unsynced.Write(content, position, written));
    crashIfDue();
    if (fault == Fault.IO_ERROR) {
      throw new IOException("simulated failure of a write to " + path);
    }
    if (fails) {
      throw new DiskFullException(path, new IOException("simulated"));
    }
  }

  synchronized void truncate(Path path, SimulatedContent content, int size) throws IOException {
    if (size >= content.visible().length) {
      requireAlive(process);
      return;
    }
    begin("truncate " + path.getFileName() + " " + size);
    content.truncate(size);
    unsynced.add(new Unsynced.Truncate(content, size));
    crashIfDue();
  }

  synchronized void force(Path path, SimulatedContent content) throws IOException {
    Fault fault = start("force " + path.getFileName());
    crashIfDue();
    if (fault == null) {
      // not simply all that is visible: what an earlier failed fsync dropped stays lost
      unsynced.stream().filter(each -> each.isDataOf(content)).forEach(each -> each.apply(durable));
    }
    unsynced.removeIf(operation -> operation.isDataOf(content));
    if (fault != null) {
      throw new IOException("simulated failure of an fsync of " + path);
    }
  }

  synchronized void read(int readerProcess, SimulatedContent content, ByteBuffer dst, long position)
      throws IOException {
    requireAlive(readerProcess);
    byte[] bytes = content.visible();
    if (content.isUnreadable(position, dst.remaining())) {
      throw new IOException("simulated failure of a read at " + position);
    }
    if (dst.remaining() > bytes.length - position) {
      throw new EOFException("read beyond the end of a simulated file");
    }
    dst.put(bytes, (int) position, dst.remaining());
  }

  synchronized void requireAlive(int callerProcess) {
    if (dead || callerProcess != process) {
      throw new SimulatedCrash("the process is dead");
    }
  }

  /** For operations that fail as a whole. */
  private void begin(String what) throws IOException {
    Fault fault = start(what);
    if (fault == Fault.IO_ERROR) {
      throw new IOException("simulated failure: " + what);
    }
    if (fault == Fault.DISK_FULL) {
      throw new DiskFullException(Path.of(what), new IOException("simulated"));
    }
  }

  private @Nullable Fault start(String what) {
    requireAlive(process);
    trace.add(what);
    Fault fault = faults.remove((long) trace.size());
    if (fault == Fault.DISK_FULL) {
      full = true;
    }
    return fault;
  }

  private void record(Unsynced operation, Unsynced.Names names) {
    operation.apply(names);
    unsynced.add(operation);
    crashIfDue();
  }

  private void crashIfDue() {
    if (trace.size() == crashAt) {
      dead = true;
      throw new SimulatedCrash(trace.get(trace.size() - 1));
    }
  }

  private void newProcess() {
    dead = false;
    crashAt = -1;
    full = false;
    noDescriptors = false;
    faults.clear();
    locked.clear();
    process++;
  }

  private boolean hasDurableParents(Path path) {
    for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
      if (!durable.directories().contains(parent)) {
        return false;
      }
    }
    return true;
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
