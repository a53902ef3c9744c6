package dev.weir.broker.campaign;

import dev.weir.broker.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What is done to a broker, again and again. */
interface Fault extends AutoCloseable {
  /** Where the broker's data goes. */
  Path data();

  /** More of the broker's environment. */
  default Map<String, String> environment() {
    return Map.of();
  }

  /**
   * Strikes; afterwards the broker is dead and its files can be read.
   *
   * @return whether it did what it is meant to do
   */
  boolean strike(ServerProcess broker) throws IOException;

  @Override
  void close();

  /** SIGKILL: what was written stays, what was in the process is gone. */
  static Fault kill(Path dir) {
    return new Fault() {
      @Override
      public Path data() {
        return dir.resolve("data");
      }

      @Override
      public boolean strike(ServerProcess broker) {
        boolean ran = broker.process().isAlive();
        broker.process().kill();
        return ran;
      }

      @Override
      public void close() {}
    };
  }

  /** A power cut: what was not synced is gone, too. */
  static Fault powerCut(Path dir, int mebibytes) throws IOException {
    LoopDisk disk = LoopDisk.create(dir, mebibytes);
    return new Fault() {
      @Override
      public Path data() {
        return disk.path().resolve("data");
      }

      @Override
      public boolean strike(ServerProcess broker) throws IOException {
        return broker.process().isAlive() && disk.cut(broker.process().pid());
      }

      @Override
      public void close() {
        disk.close();
      }
    };
  }
}
