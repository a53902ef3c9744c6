package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.rsocket.exceptions.ApplicationErrorException;
import io.rsocket.exceptions.CanceledException;
import io.rsocket.exceptions.ConnectionCloseException;
import io.rsocket.exceptions.ConnectionErrorException;
import io.rsocket.exceptions.CustomRSocketException;
import io.rsocket.exceptions.InvalidException;
import io.rsocket.exceptions.RejectedException;
import io.rsocket.exceptions.SetupException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.netty.channel.AbortedException;

/** Errors on their way to an ERROR frame and back. */
final class WireErrors {
  private static final Logger log = LoggerFactory.getLogger(WireErrors.class);

  private WireErrors() {}

  /** What a handler signalled, as RSocket encodes it. Logs what no handler should let out. */
  static Throwable toWire(Throwable error) {
    if (error instanceof WeirException known) {
      return new CustomRSocketException(
          ErrorCode.WIRE_BASE + known.code().number(), sentence(known));
    }
    if (error instanceof CustomRSocketException) {
      return error;
    }
    log.error("a request failed unexpectedly", error);
    return new CustomRSocketException(
        ErrorCode.WIRE_BASE + ErrorCode.INTERNAL.number(),
        "the broker failed unexpectedly ("
            + error.getClass().getSimpleName()
            + "); its log has the details");
  }

  private static String sentence(WeirException error) {
    String message = error.getMessage();
    return message == null ? error.code().name() : message;
  }

  /** What came in as an ERROR frame, or broke underneath, as our callers know it. */
  static WeirException fromWire(Throwable thrown) {
    Throwable error = Exceptions.unwrap(thrown);
    if (error instanceof WeirException known) {
      return known;
    }
    String text = String.valueOf(error.getMessage());
    if (error instanceof CustomRSocketException custom) {
      ErrorCode code = ErrorCode.ofNumber(custom.errorCode() - ErrorCode.WIRE_BASE);
      return code == null
          ? internal("error 0x" + Integer.toHexString(custom.errorCode()) + ": " + text, error)
          : new WeirException(code, text, error);
    }
    if (error instanceof InvalidException) {
      return new WeirException(ErrorCode.INVALID_REQUEST, text, error);
    }
    if (error instanceof RejectedException) {
      return new WeirException(ErrorCode.OVERLOADED, text, error);
    }
    if (error instanceof SetupException) {
      return new WeirException(
          ErrorCode.BROKER_UNAVAILABLE, "the broker refused the connection: " + text, error);
    }
    if (error instanceof ApplicationErrorException || error instanceof CanceledException) {
      return internal(text, error);
    }
    if (error instanceof IOException
        || error instanceof ConnectionErrorException
        || error instanceof AbortedException
        || isConnectionClosed(error)) {
      return new WeirException(
          ErrorCode.CONNECTION_LOST,
          error.getMessage() == null
              ? "the connection was lost"
              : "the connection was lost: " + text,
          error);
    }
    return internal(text, error);
  }

  private static boolean isConnectionClosed(Throwable error) {
    return error instanceof ConnectionCloseException || error instanceof CancellationException;
  }

  private static WeirException internal(String text, Throwable cause) {
    return new WeirException(ErrorCode.INTERNAL, text, cause);
  }
}
