package dev.weir.metadata;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.metadata.MetadataResult.Applied;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The truth of a cluster of one, in one file. A thread of its own, {@code weir-metadata}, applies
 * what has queued up, writes the resulting image once and only then gives the results: commands
 * that come together share one flush.
 *
 * <p>While the new image cannot even be written beside the file, because the disk is full or
 * read-only, commands are refused with STORAGE_FULL and nothing changes. After any other failed
 * write the file's state is unknown: the store answers STORAGE_OFFLINE from then on, as it does
 * after a command that could not be applied. A listener that fails is logged.
 */
public final class FileMetadataStore implements MetadataStore, ClusterImages {
  private static final Logger LOG = LoggerFactory.getLogger(FileMetadataStore.class);
  private static final int MAX_WAITING_COMMANDS = 4096;
  private static final int MAX_COMMANDS_PER_WRITE = 256;

  private final ImageFile file;
  private final BlockingQueue<Submission> waiting = new LinkedBlockingQueue<>(MAX_WAITING_COMMANDS);
  private final List<Consumer<ClusterImage>> listeners = new CopyOnWriteArrayList<>();
  private final Submission wakeUp = // an interrupt would break a write that is under way
      new Submission(new MetadataCommand.ReserveProducerIds(-1, 0), new CompletableFuture<>());
  private final Thread thread;
  private volatile ClusterImage current;
  private volatile boolean closing;
  private @Nullable WeirException broken; // in the thread only
  private boolean refusing; // in the thread only

  private FileMetadataStore(ImageFile file, ClusterImage image) {
    this.file = file;
    this.current = image;
    this.thread = new Thread(this::run, "weir-metadata");
    this.thread.setDaemon(true);
    this.thread.start();
  }

  /**
   * Reads the image in this directory, or starts an empty cluster. Blocks on the disk.
   *
   * @throws WeirException STORAGE_OFFLINE: the file is damaged, or missing where partitions are: a
   *     new cluster would give out producer ids again
   */
  public static FileMetadataStore open(Path dir) throws IOException {
    ImageFile file = new ImageFile(dir);
    @Nullable ClusterImage stored = file.read();
    return new FileMetadataStore(
        file, stored == null ? ClusterImage.empty(UUID.randomUUID()) : stored);
  }

  @Override
  public ClusterImages images() {
    return this;
  }

  @Override
  public ClusterImage current() {
    return current;
  }

  @Override
  public void listen(Consumer<ClusterImage> listener) {
    listeners.add(listener);
  }

  @Override
  public CompletionStage<MetadataResult> submit(MetadataCommand command) {
    Submission submission = new Submission(command, new CompletableFuture<>());
    if (closing) {
      return CompletableFuture.failedStage(closed());
    }
    if (!waiting.offer(submission)) {
      return CompletableFuture.failedStage(
          new WeirException(
              ErrorCode.OVERLOADED,
              MAX_WAITING_COMMANDS + " metadata commands are waiting already; try again later"));
    }
    if (closing && waiting.remove(submission)) { // close() may have looked before we offered
      return CompletableFuture.failedStage(closed());
    }
    return submission.result;
  }

  @Override
  public void close() {
    closing = true;
    waiting.offer(wakeUp); // when the queue is full the thread is awake
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Submission> batch = new ArrayList<>();
    while (true) {
      batch.clear();
      try {
        batch.add(waiting.take());
      } catch (InterruptedException e) {
        continue; // nobody has a reason to interrupt this thread; close() sends wakeUp
      }
      waiting.drainTo(batch, MAX_COMMANDS_PER_WRITE);
      batch.removeIf(submission -> submission == wakeUp);
      if (!batch.isEmpty()) {
        applyAll(batch);
      }
      if (closing && waiting.isEmpty()) {
        return;
      }
    }
  }

  private void applyAll(List<Submission> batch) {
    if (broken != null) {
      for (Submission submission : batch) {
        submission.result.completeExceptionally(broken);
      }
      return;
    }
    ClusterImage image = current;
    List<MetadataResult> results = new ArrayList<>(batch.size());
    List<ClusterImage> images = new ArrayList<>();
    for (Submission submission : batch) {
      MetadataResult result;
      try {
        result = CommandApplier.apply(image, submission.command);
      } catch (Throwable e) {
        breakWith("a metadata command failed", e, batch);
        return;
      }
      if (result instanceof Applied applied && applied.image().version() != image.version()) {
        image = applied.image();
        images.add(image);
      }
      results.add(result);
    }
    if (image.version() != current.version()) {
      try {
        file.write(image);
      } catch (ImageFile.UnchangedException e) {
        refuse(e, batch);
        return;
      } catch (Throwable e) {
        breakWith("the metadata file could not be written", e, batch);
        return;
      }
      if (refusing) {
        refusing = false;
        LOG.info("the metadata file can be written again");
      }
      for (ClusterImage step : images) {
        current = step;
        listeners.forEach(listener -> tell(listener, step));
      }
    }
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).result.complete(results.get(i));
    }
  }

  /** One listener's failure is kept from the others and from this thread. */
  private static void tell(Consumer<ClusterImage> listener, ClusterImage image) {
    try {
      listener.accept(image);
    } catch (Throwable e) {
      LOG.error("a listener failed at version {} of the cluster's metadata", image.version(), e);
    }
  }

  /** Nothing was applied and nothing is in doubt: the next command tries again. */
  private void refuse(IOException cause, List<Submission> batch) {
    WeirException refusal =
        new WeirException(
            ErrorCode.STORAGE_FULL,
            "the metadata file cannot be written now (" + cause.getMessage() + ")",
            cause);
    if (!refusing) {
      refusing = true;
      LOG.warn(refusal.getMessage());
    }
    batch.forEach(submission -> submission.result.completeExceptionally(refusal));
  }

  private void breakWith(String what, Throwable cause, List<Submission> batch) {
    broken =
        new WeirException(
            ErrorCode.STORAGE_OFFLINE,
            what + " (" + cause.getMessage() + "); restart the broker",
            cause);
    LOG.error(broken.getMessage(), cause);
    for (Submission submission : batch) {
      submission.result.completeExceptionally(broken);
    }
  }

  private static WeirException closed() {
    return new WeirException(ErrorCode.CLOSED, "the metadata store is closed");
  }

  private static final class Submission {
    private final MetadataCommand command;
    private final CompletableFuture<MetadataResult> result;

    Submission(MetadataCommand command, CompletableFuture<MetadataResult> result) {
      this.command = command;
      this.result = result;
    }
  }
}
