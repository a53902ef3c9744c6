package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/** A broker that can be measured: ours or another. */
interface Peer {
  String name();

  /** What a start needs that a user does once; not measured. */
  void prepare(Path dir) throws IOException, InterruptedException;

  /** Starts the process and returns at once. */
  Process start(Path dir) throws IOException;

  /** Returns when the broker says that it is ready. */
  void awaitReady(Path dir, Process process) throws IOException, InterruptedException;

  /** Creates a topic and sends one record to stable storage, trying until it is acknowledged. */
  void acknowledgeOne() throws InterruptedException;
}
