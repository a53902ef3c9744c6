package dev.weir.core.topic;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;

/** The rule for topic names: {@code [a-zA-Z0-9._-]}, 1 to 200 bytes, neither "." nor "..". */
public final class TopicNames {
  /** So that {@code topics.<name>.subscribe} fits an RSocket routing tag of 255 bytes. */
  public static final int MAX_LENGTH = 200;

  /** Of topics that brokers make and write for themselves; clients may read them. */
  public static final String INTERNAL_PREFIX = "__";

  /** Where groups and their offsets are kept; Kafka's name. */
  public static final String CONSUMER_OFFSETS = "__consumer_offsets";

  private TopicNames() {}

  /** Whether it is a topic of the brokers' own. */
  public static boolean isInternal(String name) {
    return name.startsWith(INTERNAL_PREFIX);
  }

  /**
   * Returns the name unchanged when it is valid.
   *
   * @throws WeirException INVALID_TOPIC_NAME that names what is wrong
   */
  public static String requireValid(String name) {
    if (name.isEmpty()) {
      throw invalid("a topic name must not be empty");
    }
    if (name.length() > MAX_LENGTH) {
      throw invalid(
          "a topic name has at most " + MAX_LENGTH + " bytes, this one has " + name.length());
    }
    if (name.equals(".") || name.equals("..")) {
      throw invalid("'" + name + "' is not allowed as a topic name");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!allowed) {
        throw invalid(
            "topic name '"
                + name
                + "' has the character '"
                + c
                + "'; allowed are a-z A-Z 0-9 . _ -");
      }
    }
    return name;
  }

  private static WeirException invalid(String message) {
    return new WeirException(ErrorCode.INVALID_TOPIC_NAME, message);
  }
}
