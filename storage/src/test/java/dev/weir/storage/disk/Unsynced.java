package dev.weir.storage.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** An operation that no fsync has covered yet, and how it reaches the durable image. */
sealed interface Unsynced {
  /** The durable names: which content each file has, and which directories exist. */
  record Names(Map<Path, SimulatedContent> files, Set<Path> directories) {}

  void apply(Names names);

  /** Only a part of it reached the disk. */
  default void applyTorn(Names names, Random random) {
    // what is not a write of bytes happens as a whole or not at all
  }

  /** Whether an fsync of the file covers it. */
  default boolean isDataOf(SimulatedContent content) {
    return false;
  }

  /** Whether an fsync of the directory covers it. */
  default boolean isEntryOf(Path directory) {
    return false;
  }

  /** Bytes written at a position. */
  record Write(SimulatedContent content, int position, ByteBuffer bytes) implements Unsynced {
    private static final int SECTOR_BYTES = 512;

    @Override
    public void apply(Names names) {
      content.writeDurably(position, bytes);
    }

    @Override
    public void applyTorn(Names names, Random random) {
      int end = position + bytes.limit();
      for (int at = position; at < end; ) {
        int next = Math.min(end, (at / SECTOR_BYTES + 1) * SECTOR_BYTES);
        if (random.nextBoolean()) {
          content.writeDurably(at, bytes.slice(at - position, next - at));
        }
        at = next;
      }
    }

    @Override
    public boolean isDataOf(SimulatedContent other) {
      return content == other;
    }
  }

  /** A file cut to a size. */
  record Truncate(SimulatedContent content, int size) implements Unsynced {
    @Override
    public void apply(Names names) {
      content.truncateDurably(size);
    }

    @Override
    public boolean isDataOf(SimulatedContent other) {
      return content == other;
    }
  }

  /** A name that now stands for a file. */
  record Link(Path path, SimulatedContent content) implements Unsynced {
    @Override
    public void apply(Names names) {
      names.files().put(path, content);
    }

    @Override
    public boolean isEntryOf(Path directory) {
      return directory.equals(path.getParent());
    }
  }

  /** A file or directory that is gone. */
  record Unlink(Path path) implements Unsynced {
    @Override
    public void apply(Names names) {
      names.files().remove(path);
      names.directories().remove(path);
    }

    @Override
    public boolean isEntryOf(Path directory) {
      return directory.equals(path.getParent());
    }
  }

  /** A file under another name of the same directory, in one step. */
  record Rename(Path from, Path to, SimulatedContent content) implements Unsynced {
    @Override
    public void apply(Names names) {
      names.files().remove(from);
      names.files().put(to, content);
    }

    @Override
    public boolean isEntryOf(Path directory) {
      return directory.equals(to.getParent());
    }
  }

  /** A new directory. */
  record MakeDirectory(Path path) implements Unsynced {
    @Override
    public void apply(Names names) {
      names.directories().add(path);
    }

    @Override
    public boolean isEntryOf(Path directory) {
      return directory.equals(path.getParent());
    }
  }

  /** A directory, with all that is in it, under another name. */
  record RenameDirectory(Path from, Path to) implements Unsynced {
    @Override
    public void apply(Names names) {
      names.directories().remove(from);
      names.directories().add(to);
      List<Path> inside = new ArrayList<>(names.files().keySet());
      for (Path path : inside) {
        SimulatedContent content = names.files().get(path);
        if (path.startsWith(from) && content != null) {
          names.files().remove(path);
          names.files().put(to.resolve(from.relativize(path)), content);
        }
      }
    }

    @Override
    public boolean isEntryOf(Path directory) {
      return directory.equals(to.getParent());
    }
  }
}
