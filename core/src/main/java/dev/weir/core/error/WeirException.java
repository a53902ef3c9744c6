package dev.weir.core.error;

import org.jspecify.annotations.Nullable;

/**
 * An operating error with its {@link ErrorCode}. The message is one sentence that names what was
 * wrong, where, and what was expected; it is fit to be shown to a user. Carries no stack trace: it
 * is an answer, not a broken invariant.
 */
public final class WeirException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public WeirException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public WeirException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}
