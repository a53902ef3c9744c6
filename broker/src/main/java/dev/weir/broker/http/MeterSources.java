package dev.weir.broker.http;

import dev.weir.broker.group.GroupCounters;
import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.partition.CleaningCounters;
import dev.weir.broker.partition.DiskTroubles;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.transport.rsocket.TransportCounters;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Where the meters look. Everything may be asked from any thread and answers at once. */
public record MeterSources(
    AppendCounters appends,
    DiskTroubles troubles,
    TransportCounters transport,
    FlushTimes flushes,
    Subscriptions subscriptions,
    CleaningCounters cleanings,
    GroupCounters groups,
    IntSupplier connections,
    IntSupplier partitions,
    LongSupplier queuedBytes,
    LongSupplier heldBytes,
    LongSupplier directBytes,
    LongSupplier groupBytes) {}
