package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How near the log comes to what the machine can do: every figure of a whole {@code PartitionLog}
 * stands beside the same work done with bare system calls, measured in the same run, in turns.
 */
public final class StorageBenchmark {
  /** One question; adds its rows to the table. */
  private interface Part {
    void run(Path dir, StorageTable table) throws Exception;
  }

  private static final Map<String, Part> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("append", AppendSpeed::run);
    PARTS.put("read", ReadSpeed::run);
    PARTS.put("recovery", RecoverySpeed::run);
    PARTS.put("flush", FlushSpeed::run);
    PARTS.put("compact", CompactSpeed::run);
  }

  private StorageBenchmark() {}

  /**
   * Arguments: the repository's root, then any of the parts' names (all when none is named) and
   * {@code dir=DIRECTORY} for where the data goes; it is removed afterwards.
   */
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    List<String> names = new ArrayList<>();
    Path parent = Files.createDirectories(home.resolve("benchmarks/target"));
    for (String argument : List.of(args).subList(1, args.length)) {
      if (argument.startsWith("dir=")) {
        parent = Path.of(argument.substring("dir=".length()));
      } else if (PARTS.containsKey(argument)) {
        names.add(argument);
      } else {
        System.err.println("storage knows " + PARTS.keySet() + ", not " + argument);
        System.exit(2);
      }
    }
    StorageTable table = new StorageTable();
    Path dir = Files.createTempDirectory(parent, "weir-storage");
    Thread cleaner = new Thread(() -> remove(dir));
    Runtime.getRuntime().addShutdownHook(cleaner);
    for (Map.Entry<String, Part> part : PARTS.entrySet()) {
      if (names.isEmpty() || names.contains(part.getKey())) {
        System.err.println(part.getKey() + " ...");
        Path own = Files.createDirectory(dir.resolve(part.getKey()));
        part.getValue().run(own, table);
        Startup.delete(own);
      }
    }
    String where = Files.getFileStore(dir).type();
    System.out.println(Machine.description() + "; data on " + where + "; " + Machine.load());
    System.out.println();
    System.out.print(table.markdown());
    Path json = home.resolve("benchmarks/target/storage.json");
    Files.writeString(json, table.json(Machine.description(), where));
    System.err.println("also in " + json);
    System.exit(0);
  }

  private static void remove(Path dir) {
    try {
      Startup.delete(dir);
    } catch (IOException | RuntimeException failure) {
      System.err.println(dir + " could not be removed: " + failure);
    }
  }
}
