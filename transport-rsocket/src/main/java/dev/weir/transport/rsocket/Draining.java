package dev.weir.transport.rsocket;

import dev.weir.core.time.Time;
import io.netty.channel.EventLoop;
import io.rsocket.exceptions.ConnectionCloseException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The end of a server: wait for quiet, say goodbye, wait until all are gone. Runs on one event
 * loop.
 */
final class Draining {
  private static final int CHECK_MILLIS = 5;

  /** Longer than a connection's own farewell may take. */
  private static final Duration FAREWELL = Duration.ofSeconds(6);

  private final Set<ServerConnections.Member> members;
  private final EventLoop loop;
  private final Time time;
  private final Duration grace;

  Draining(Set<ServerConnections.Member> members, EventLoop loop, Time time, Duration grace) {
    this.members = members;
    this.loop = loop;
    this.time = time;
    this.grace = grace;
  }

  Mono<Void> run() {
    return Mono.create(
        sink -> {
          long deadline = time.nanos() + grace.toNanos();
          loop.execute(() -> awaitQuiet(deadline, sink));
        });
  }

  private void awaitQuiet(long deadline, MonoSink<Void> sink) {
    boolean quiet = members.stream().allMatch(ServerConnections.Member::isQuiet);
    if (!quiet && time.nanos() < deadline) {
      later(() -> awaitQuiet(deadline, sink));
      return;
    }
    ConnectionCloseException goodbye = new ConnectionCloseException("the broker is shutting down");
    members.forEach(member -> member.frames().sendErrorAndClose(goodbye));
    awaitGone(time.nanos() + FAREWELL.toNanos(), sink);
  }

  private void awaitGone(long deadline, MonoSink<Void> sink) {
    if (members.isEmpty() || time.nanos() >= deadline) {
      members.forEach(member -> member.frames().dispose());
      sink.success();
    } else {
      later(() -> awaitGone(deadline, sink));
    }
  }

  private void later(Runnable check) {
    var unused = loop.schedule(check, CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }
}
