package dev.weir.client.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.docs.ObservationDocumentation;

/** The observations of records, with the names that tell them apart. */
public enum RecordObservation implements ObservationDocumentation {
  /** From the moment the producer takes a record to the moment its result is there. */
  SEND {
    @Override
    public String getName() {
      return "weir.send";
    }
  },
  /** While the application works on a record that it has received. */
  PROCESS {
    @Override
    public String getName() {
      return "weir.process";
    }
  };

  @Override
  public KeyName[] getLowCardinalityKeyNames() {
    return LowCardinality.values();
  }

  @Override
  public KeyName[] getHighCardinalityKeyNames() {
    return HighCardinality.values();
  }

  /** On meters and spans; OpenTelemetry's names for messaging. */
  public enum LowCardinality implements KeyName {
    /** Always {@code weir}. */
    SYSTEM("messaging.system"),
    /** {@code send} or {@code process}. */
    OPERATION("messaging.operation.type"),
    /** The topic. */
    TOPIC("messaging.destination.name");

    private final String key;

    LowCardinality(String key) {
      this.key = key;
    }

    @Override
    public String asString() {
      return key;
    }
  }

  /** On spans only. */
  public enum HighCardinality implements KeyName {
    /** The partition's number, once it is known. */
    PARTITION("messaging.destination.partition.id"),
    /** The record's offset, once it is known. */
    OFFSET("messaging.weir.offset");

    private final String key;

    HighCardinality(String key) {
      this.key = key;
    }

    @Override
    public String asString() {
      return key;
    }
  }
}
