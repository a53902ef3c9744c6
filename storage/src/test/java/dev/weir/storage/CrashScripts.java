package dev.weir.storage;

import dev.weir.storage.disk.SimulatedLogFiles;
import java.util.Locale;

/** The lives of logs that {@link CrashPointsTest} interrupts everywhere. */
enum CrashScripts {
  /** Producers append, roll, retry, close and reopen. */
  PRODUCING(150) {
    @Override
    CrashScript begin(SimulatedLogFiles files) {
      return new ProducingScript(files);
    }
  },

  /** The start of the log moves. */
  TRIMMING(200) {
    @Override
    CrashScript begin(SimulatedLogFiles files) {
      return new TrimmingScript(files);
    }
  },

  /** Transactions begin, commit and abort. */
  TRANSACTING(200) {
    @Override
    CrashScript begin(SimulatedLogFiles files) {
      return new TransactingScript(files);
    }
  },

  /** Segments are replaced by compacted ones while the log goes on. */
  COMPACTING(200) {
    @Override
    CrashScript begin(SimulatedLogFiles files) {
      return new CompactingScript(files);
    }
  },

  /** Both: what was aborted goes, then the markers. */
  COMPACTING_TRANSACTIONS(300) {
    @Override
    CrashScript begin(SimulatedLogFiles files) {
      return new CompactingTransactionsScript(files);
    }
  },

  /** A follower of transactions whose end moves back, or far ahead. */
  TRUNCATING(250) {
    @Override
    CrashScript begin(SimulatedLogFiles files) {
      return new TruncatingScript(files);
    }
  },

  /** All of it in one log: appended, rolled, compacted, its start and its end moved, reopened. */
  MIXED(350) {
    @Override
    CrashScript begin(SimulatedLogFiles files) {
      return new MixedScript(files);
    }
  };

  private final int leastOperations;

  /**
   * @param leastOperations a script with fewer has lost some of what it is for
   */
  CrashScripts(int leastOperations) {
    this.leastOperations = leastOperations;
  }

  /** A new life on an empty disk. */
  abstract CrashScript begin(SimulatedLogFiles files);

  int leastOperations() {
    return leastOperations;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
