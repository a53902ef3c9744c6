package dev.weir.broker.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code /metrics}. The registry is made for the first reader: the figures are counted
 * without it, so a broker that nobody scrapes does not load it.
 */
public final class Metrics implements Supplier<String> {
  private final MeterSources sources;
  private @Nullable PrometheusMeterRegistry registry;

  public Metrics(MeterSources sources) {
    this.sources = sources;
  }

  @Override
  public String get() {
    return registry().scrape();
  }

  private synchronized PrometheusMeterRegistry registry() {
    if (registry == null) {
      registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      for (Meters meter : Meters.values()) {
        register(meter, registry);
      }
    }
    return registry;
  }

  private void register(Meters meter, MeterRegistry into) {
    switch (meter.kind) {
      case COUNTER ->
          FunctionCounter.builder(meter.meterName, sources, meter.value)
              .description(meter.description)
              .register(into);
      case GAUGE ->
          Gauge.builder(meter.meterName, sources, meter.value)
              .description(meter.description)
              .strongReference(true)
              .register(into);
    }
  }
}
