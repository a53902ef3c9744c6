package dev.weir.broker.partition;

import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.TopicImage;
import dev.weir.storage.DeletedLog;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What earlier runs left in the data directory. Looked at before partitions are opened. */
public final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
  private static final Pattern PARTITION = Pattern.compile("(.+)-(\\d+)");

  private Leftovers() {}

  /**
   * Finishes deletions that a crash cut short and reports partitions of topics the cluster does not
   * have, which stay. Blocks on the disk; failures are logged.
   */
  public static void tidy(LogFiles files, Path dataDir, ClusterImage image) {
    try {
      DeletedLog.removeLeftovers(files, dataDir);
    } catch (IOException e) {
      LOG.warn(
          "deleted partitions in {} could not be removed; the next start tries again", dataDir, e);
    }
    try {
      List<String> unknown = unknown(files, dataDir, image);
      if (!unknown.isEmpty()) {
        LOG.warn("{} holds partitions of no topic, which take up space: {}", dataDir, unknown);
      }
    } catch (IOException e) {
      LOG.warn("data directory {} could not be listed", dataDir, e);
    }
  }

  /** Directories named like partitions that belong to no topic of the image. */
  static List<String> unknown(LogFiles files, Path dataDir, ClusterImage image) throws IOException {
    return files.list(dataDir).stream().filter(name -> isUnknown(name, image)).toList();
  }

  private static boolean isUnknown(String name, ClusterImage image) {
    Matcher partition = PARTITION.matcher(name);
    if (!partition.matches()) {
      return false;
    }
    @Nullable TopicImage topic = image.topic(partition.group(1));
    if (topic == null) {
      return true;
    }
    String digits = partition.group(2);
    try {
      int number = Integer.parseInt(digits);
      return number >= topic.partitions().size() || !digits.equals(Integer.toString(number));
    } catch (NumberFormatException tooLarge) {
      return true;
    }
  }
}
