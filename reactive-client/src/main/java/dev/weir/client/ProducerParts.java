package dev.weir.client;

import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.time.Time;
import java.util.function.BooleanSupplier;

/**
 * What the subscriptions of one producer share.
 *
 * @param feed where publishers are asked for more after a pause
 * @param reached whether any broker was ever reached
 */
record ProducerParts<K, V>(
    ProducerSettings<K, V> settings,
    ProducerTopics topics,
    MemoryBudget budget,
    ThreadLoop feed,
    BooleanSupplier reached,
    Time time) {}
