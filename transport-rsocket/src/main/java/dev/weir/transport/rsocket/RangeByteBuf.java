package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import io.netty.buffer.AbstractReferenceCountedByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;

/**
 * Stands for a {@link FileRange} on its way through RSocket's frame codec, which only looks at its
 * length. Slices and duplicates are the buffer itself; every access to bytes throws. Releases the
 * range with its last reference.
 */
final class RangeByteBuf extends AbstractReferenceCountedByteBuf {
  private final FileRange range;
  private final int length;

  RangeByteBuf(FileRange range) {
    super(range.length());
    this.range = range;
    this.length = range.length();
    setIndex(0, length);
  }

  FileRange range() {
    return range;
  }

  @Override
  protected void deallocate() {
    range.release();
  }

  @Override
  public int capacity() {
    return length;
  }

  @Override
  public ByteBuf slice() {
    return this;
  }

  @Override
  public ByteBuf slice(int index, int sliceLength) {
    if (index != 0 || sliceLength != length) {
      throw noBytes();
    }
    return this;
  }

  @Override
  public ByteBuf retainedSlice() {
    return retain();
  }

  @Override
  public ByteBuf retainedSlice(int index, int sliceLength) {
    return slice(index, sliceLength).retain();
  }

  @Override
  public ByteBuf duplicate() {
    return this;
  }

  @Override
  public ByteBuf retainedDuplicate() {
    return retain();
  }

  @Override
  public ByteBufAllocator alloc() {
    return UnpooledByteBufAllocator.DEFAULT;
  }

  @Override
  @SuppressWarnings("deprecation") // abstract, so there is no way around it
  public ByteOrder order() {
    return ByteOrder.BIG_ENDIAN;
  }

  @Override
  public ByteBuf unwrap() {
    return this;
  }

  @Override
  public boolean isDirect() {
    return true;
  }

  @Override
  public boolean hasArray() {
    return false;
  }

  @Override
  public boolean hasMemoryAddress() {
    return false;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public String toString() {
    return "RangeByteBuf(position=" + range.position() + ", length=" + length + ")";
  }

  private static UnsupportedOperationException noBytes() {
    return new UnsupportedOperationException("a file range has no bytes in memory");
  }

  @Override
  public byte[] array() {
    throw noBytes();
  }

  @Override
  public int arrayOffset() {
    throw noBytes();
  }

  @Override
  public long memoryAddress() {
    throw noBytes();
  }

  @Override
  public ByteBuf capacity(int newCapacity) {
    throw noBytes();
  }

  @Override
  public ByteBuf copy(int index, int copyLength) {
    throw noBytes();
  }

  @Override
  public int nioBufferCount() {
    return -1;
  }

  @Override
  public ByteBuffer nioBuffer(int index, int viewLength) {
    throw noBytes();
  }

  @Override
  public ByteBuffer internalNioBuffer(int index, int viewLength) {
    throw noBytes();
  }

  @Override
  public ByteBuffer[] nioBuffers(int index, int viewLength) {
    throw noBytes();
  }

  @Override
  public ByteBuf getBytes(int index, ByteBuf dst, int dstIndex, int count) {
    throw noBytes();
  }

  @Override
  public ByteBuf getBytes(int index, byte[] dst, int dstIndex, int count) {
    throw noBytes();
  }

  @Override
  public ByteBuf getBytes(int index, ByteBuffer dst) {
    throw noBytes();
  }

  @Override
  public ByteBuf getBytes(int index, OutputStream out, int count) {
    throw noBytes();
  }

  @Override
  public int getBytes(int index, GatheringByteChannel out, int count) {
    throw noBytes();
  }

  @Override
  public int getBytes(int index, FileChannel out, long position, int count) {
    throw noBytes();
  }

  @Override
  public ByteBuf setBytes(int index, ByteBuf src, int srcIndex, int count) {
    throw noBytes();
  }

  @Override
  public ByteBuf setBytes(int index, byte[] src, int srcIndex, int count) {
    throw noBytes();
  }

  @Override
  public ByteBuf setBytes(int index, ByteBuffer src) {
    throw noBytes();
  }

  @Override
  public int setBytes(int index, InputStream in, int count) {
    throw noBytes();
  }

  @Override
  public int setBytes(int index, ScatteringByteChannel in, int count) {
    throw noBytes();
  }

  @Override
  public int setBytes(int index, FileChannel in, long position, int count) {
    throw noBytes();
  }

  @Override
  protected byte _getByte(int index) {
    throw noBytes();
  }

  @Override
  protected short _getShort(int index) {
    throw noBytes();
  }

  @Override
  protected short _getShortLE(int index) {
    throw noBytes();
  }

  @Override
  protected int _getUnsignedMedium(int index) {
    throw noBytes();
  }

  @Override
  protected int _getUnsignedMediumLE(int index) {
    throw noBytes();
  }

  @Override
  protected int _getInt(int index) {
    throw noBytes();
  }

  @Override
  protected int _getIntLE(int index) {
    throw noBytes();
  }

  @Override
  protected long _getLong(int index) {
    throw noBytes();
  }

  @Override
  protected long _getLongLE(int index) {
    throw noBytes();
  }

  @Override
  protected void _setByte(int index, int value) {
    throw noBytes();
  }

  @Override
  protected void _setShort(int index, int value) {
    throw noBytes();
  }

  @Override
  protected void _setShortLE(int index, int value) {
    throw noBytes();
  }

  @Override
  protected void _setMedium(int index, int value) {
    throw noBytes();
  }

  @Override
  protected void _setMediumLE(int index, int value) {
    throw noBytes();
  }

  @Override
  protected void _setInt(int index, int value) {
    throw noBytes();
  }

  @Override
  protected void _setIntLE(int index, int value) {
    throw noBytes();
  }

  @Override
  protected void _setLong(int index, long value) {
    throw noBytes();
  }

  @Override
  protected void _setLongLE(int index, long value) {
    throw noBytes();
  }
}
