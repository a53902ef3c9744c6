package dev.weir.broker.hostile;

/**
 * What a broker takes at one time, or at most during some.
 *
 * @param directBytes held for network buffers, in use or pooled
 * @param heapBytes used after the last collection
 * @param residentBytes of the process
 * @param openFiles files and sockets
 */
record Measurement(long directBytes, long heapBytes, long residentBytes, long openFiles) {
  static final Measurement NONE = new Measurement(0, 0, 0, 0);

  Measurement max(Measurement other) {
    return new Measurement(
        Math.max(directBytes, other.directBytes),
        Math.max(heapBytes, other.heapBytes),
        Math.max(residentBytes, other.residentBytes),
        Math.max(openFiles, other.openFiles));
  }
}
