package dev.weir.broker;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;

/** The one way in which a settings record refuses a value. */
final class Settings {
  private Settings() {}

  static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw new WeirException(
          ErrorCode.INVALID_CONFIG,
          "setting '" + key + "' is '" + value + "' but must be " + expected);
    }
  }
}
