package dev.weir.client;

import java.nio.ByteBuffer;

/**
 * Whole batches as one payload of a fetch brought them, on the heap.
 *
 * @param fromOffset first offset wanted; the first batch may begin below
 * @param nextOffset where the next frame starts
 */
record Frame(ByteBuffer bytes, long fromOffset, long nextOffset) {}
