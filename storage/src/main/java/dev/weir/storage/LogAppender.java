package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.TimestampType;
import dev.weir.core.time.Time;
import dev.weir.storage.disk.DiskFullException;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Puts batches at the end of the log: check, judge the sequence, roll, write, take note, in this
 * order, so that whatever refuses a batch leaves nothing of it behind. Lives in the log's loop.
 */
final class LogAppender {
  private static final long PRODUCERS_TIME = -1;

  private final LogHome home;
  private LogSettings settings;
  private final LogContents contents;
  private final RecentBatches recent;
  private final Time time;
  private final AppendCheck check;
  private boolean cut;

  /** The first bytes of the batch being written, with offset and epoch filled in. */
  private final ByteBuffer placement = ByteBuffer.allocate(RecordBatch.PLACEMENT_BYTES);

  LogAppender(
      LogHome home, LogSettings settings, LogContents contents, RecentBatches recent, Time time) {
    this.home = home;
    this.settings = settings;
    this.contents = contents;
    this.recent = recent;
    this.time = time;
    this.check = new AppendCheck(contents);
  }

  void reconfigure(LogSettings changed) {
    settings = changed;
  }

  /**
   * @param leaderEpoch of this broker; a batch from the leader has one
   */
  AppendOutcome append(ByteBuffer bytes, int leaderEpoch, AppendOrigin origin, Flusher flusher) {
    String offline = contents.offline();
    if (offline != null) {
      return new AppendOutcome.Rejected(ErrorCode.STORAGE_OFFLINE, offline);
    }
    long now = time.wallMillis();
    RecordBatch batch;
    SequenceVerdict verdict;
    try {
      batch = onlyBatch(bytes);
      verdict = check.judge(batch, origin, settings, now);
    } catch (WeirException invalid) {
      return new AppendOutcome.Rejected(
          invalid.code(), home.partition() + ": " + invalid.getMessage());
    }
    if (verdict instanceof SequenceVerdict.Repeat repeat) {
      return new AppendOutcome.Duplicate(repeat.baseOffset(), repeat.lastOffset());
    }
    if (verdict instanceof SequenceVerdict.Refused refused) {
      return new AppendOutcome.Rejected(
          refused.code(), home.partition() + ": " + refused.message());
    }
    int epoch = origin == AppendOrigin.REPLICATION ? batch.leaderEpoch() : leaderEpoch;
    if (epoch < contents.epochs().latest()) {
      // recovery takes an epoch that falls for damage
      return new AppendOutcome.Rejected(
          ErrorCode.FENCED_LEADER_EPOCH,
          "%s has batches of leader epoch %d; this one is of epoch %d"
              .formatted(home.partition(), contents.epochs().latest(), epoch));
    }
    if (origin == AppendOrigin.REPLICATION) {
      return write(StoredBatch.readBack(batch), PRODUCERS_TIME, flusher);
    }
    boolean appendTime =
        origin != AppendOrigin.COORDINATOR
            && settings.timestampType() == TimestampType.LOG_APPEND_TIME;
    RecordBatch stamped = appendTime ? withAppendTime(batch, now) : batch;
    return write(
        new StoredBatch(stamped, contents.logEndOffset(), leaderEpoch),
        appendTime ? now : PRODUCERS_TIME,
        flusher);
  }

  private static RecordBatch onlyBatch(ByteBuffer bytes) {
    RecordBatch batch = RecordBatch.at(bytes, bytes.position());
    if (batch.sizeInBytes() != bytes.remaining()) {
      throw new WeirException(
          ErrorCode.CORRUPT_BATCH,
          "one batch of "
              + bytes.remaining()
              + " bytes was expected, it has "
              + batch.sizeInBytes());
    }
    return batch;
  }

  private AppendOutcome write(StoredBatch stored, long appendTime, Flusher flusher) {
    ByteBuffer body = stored.batch().buffer();
    placement.clear().put(0, body, 0, RecordBatch.PLACEMENT_BYTES);
    RecordBatch.place(placement, 0, stored.baseOffset(), stored.leaderEpoch());
    try {
      long nanos = time.nanos();
      boolean rolled = maybeRoll(stored, nanos, flusher);
      Segment active = contents.segments().active();
      active.file().append(placement, body.position(RecordBatch.PLACEMENT_BYTES));
      recent.add(
          contents.logEndOffset(),
          stored.nextOffset(),
          active.size(),
          stored.batch().sizeInBytes());
      active.age().onAppend(active.size() == 0, nanos);
      contents.onBatch(stored, time.wallMillis());
      if (rolled) {
        flusher.request();
      }
    } catch (IOException failure) {
      return refuse(failure);
    }
    return new AppendOutcome.Appended(stored.baseOffset(), stored.lastOffset(), appendTime);
  }

  private static RecordBatch withAppendTime(RecordBatch batch, long now) {
    ByteBuffer copy = ByteBuffer.allocate(batch.sizeInBytes()).put(batch.buffer()).flip();
    RecordBatch.stampLogAppendTime(copy, 0, now);
    return RecordBatch.at(copy, 0);
  }

  private boolean maybeRoll(StoredBatch batch, long nanos, Flusher flusher) throws IOException {
    Segment active = contents.segments().active();
    if (!(cut && active.size() > 0)
        && !isOld(active, nanos)
        && active.hasRoomFor(
            batch.batch().sizeInBytes(), batch.lastOffset(), settings.segmentBytes())) {
      return false;
    }
    roll(flusher);
    return true;
  }

  private long spread(Segment segment) {
    return 31L * home.partition().toString().hashCode() + segment.baseOffset();
  }

  /** Whether it is time to complete the segment however small it is. */
  boolean isOld(Segment active, long nanos) {
    CompactionSettings compaction = settings.compaction();
    long age = settings.retention().segmentMillis(spread(active));
    long most = compaction.compacts() ? Math.min(age, compaction.maxLag().toMillis()) : age;
    return active.size() > 0 && active.age().sinceFirst(nanos) >= most;
  }

  /**
   * The end of the log has moved back. Nothing is appended to a file that was cut: whoever has a
   * range beyond the cut must not read other bytes there.
   */
  void onEndMoved() {
    recent.clear();
    contents.segments().active().age().onOpen(0, time.nanos());
    cut = true;
  }

  /** Completes the active segment, which must not be empty, and begins the next one. */
  void roll(Flusher flusher) throws IOException {
    Segment active = contents.segments().active();
    long offset = contents.logEndOffset();
    Segment next = Segment.create(home.files(), home.directory(), offset);
    active.seal();
    contents.segments().add(next);
    cut = false;
    flusher.onRoll(
        active, offset, ProducerSnapshot.of(contents.producers(), active.aborted().summary()));
  }

  /** Nothing of the batch may stay: what follows would be appended behind a hole. */
  private AppendOutcome refuse(IOException failure) {
    if (failure instanceof NoDescriptorException) {
      // whatever could not be opened, no byte was written
      return new AppendOutcome.Rejected(ErrorCode.OVERLOADED, String.valueOf(failure.getMessage()));
    }
    Segment active = contents.segments().active();
    try {
      active.file().truncate(active.size());
    } catch (IOException alsoFailed) {
      String reason =
          home.partition()
              + " could not be cut back to its last whole batch after a failed write: "
              + alsoFailed.getMessage();
      contents.takeOffline(reason);
      return new AppendOutcome.Rejected(ErrorCode.STORAGE_OFFLINE, reason);
    }
    return failure instanceof DiskFullException
        ? new AppendOutcome.Rejected(
            ErrorCode.STORAGE_FULL, "the disk is full: " + home.partition() + " stored nothing")
        : new AppendOutcome.Rejected(
            ErrorCode.STORAGE_OFFLINE,
            "writing to " + home.partition() + " failed: " + failure.getMessage());
  }
}
