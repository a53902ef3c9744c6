package dev.weir.broker.http;

import dev.weir.broker.subscription.WaitCause;
import dev.weir.core.time.Time;
import java.time.Duration;
import java.util.function.Supplier;

/** The plain page at {@code /}: what a person wants to know first. */
public final class StatusPage implements Supplier<String> {
  private final MeterSources sources;
  private final Time time;
  private final long startedNanos;

  public StatusPage(MeterSources sources, Time time) {
    this.sources = sources;
    this.time = time;
    this.startedNanos = time.nanos();
  }

  @Override
  public String get() {
    return """
        weir

        up           %s
        connections  %d
        partitions   %d
        readers      %d (%d without demand, %d held up by their sockets)
        batches in   %d
        bytes in     %d
        %s
        /health/live  /health/ready  /metrics  /rsocket (WebSocket)
        """
        .formatted(
            Duration.ofSeconds((time.nanos() - startedNanos) / 1_000_000_000),
            sources.connections().getAsInt(),
            sources.partitions().getAsInt(),
            sources.subscriptions().count(),
            sources.subscriptions().waitingFor(WaitCause.DEMAND),
            sources.subscriptions().waitingFor(WaitCause.SOCKET),
            sources.appends().batches(),
            sources.appends().bytes(),
            troubles());
  }

  private String troubles() {
    StringBuilder lines = new StringBuilder();
    sources.troubles().lines().forEach(line -> lines.append(line).append('\n'));
    return lines.toString();
  }
}
