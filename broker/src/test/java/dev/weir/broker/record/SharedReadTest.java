package dev.weir.broker.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SharedReadTest {
  private static final int BYTES = 10;

  private final PieceBudget budget = new PieceBudget(100);
  private final SharedRead read = new SharedRead(5, 8, budget);
  private final Taker early = new Taker();
  private final Taker late = new Taker();

  private static final class Taker implements SharedRead.Taker {
    private final List<Piece> pieces = new ArrayList<>();
    private final List<WeirException> failures = new ArrayList<>();

    @Override
    public void onPiece(Piece piece, long fromOffset) {
      assertThat(fromOffset).isEqualTo(5);
      pieces.add(piece);
    }

    @Override
    public void onFailure(WeirException failure) {
      failures.add(failure);
    }
  }

  private static final class Range implements FileRange {
    private final boolean broken;
    private int reads;
    private int releases;

    Range(boolean broken) {
      this.broken = broken;
    }

    @Override
    public @Nullable FileChannel channel() {
      return null;
    }

    @Override
    public long position() {
      return 0;
    }

    @Override
    public int length() {
      return BYTES;
    }

    @Override
    public boolean hot() {
      return true;
    }

    @Override
    public void readFully(int offsetInRange, ByteBuffer dst) throws IOException {
      reads++;
      if (broken) {
        throw new IOException("broken");
      }
      dst.position(dst.limit());
    }

    @Override
    public void release() {
      releases++;
    }
  }

  private Range fill(boolean broken) {
    Range range = new Range(broken);
    budget.acquire(BYTES, () -> read.fill(range));
    assertThat(range.releases).isEqualTo(1);
    return range;
  }

  @Test
  void isReadOnceForAllWhoComeInTime() {
    assertThat(read.join(early, 8, 1)).isTrue();
    assertThat(early.pieces).isEmpty();
    assertThat(fill(false).reads).isEqualTo(1);
    assertThat(read.join(late, 8, 1)).isTrue();
    assertThat(late.pieces).containsExactlyElementsOf(early.pieces).hasSize(1);
    assertThat(budget.used()).as("one piece, however many hold it").isEqualTo(BYTES);
    early.pieces.get(0).letGo();
    read.retire();
    assertThat(budget.used()).isEqualTo(BYTES);
    late.pieces.get(0).letGo();
    assertThat(budget.used()).isZero();
  }

  @Test
  void isNotJoinedForLessThanAReadOfOnesOwnWouldBring() {
    read.join(early, 8, 1);
    fill(false);
    assertThat(read.join(late, 9, BYTES + 1)).isFalse();
    assertThat(read.join(late, 9, BYTES)).as("large enough").isTrue();
    assertThat(read.join(late, 8, BYTES + 1)).as("there is no more").isTrue();
  }

  @Test
  void givesWayToWhoNeedsTheMemoryButNobodyLosesWhatHeHolds() {
    read.join(early, 8, 1);
    fill(false);
    List<String> granted = new ArrayList<>();
    budget.acquire(100, () -> granted.add("all"));
    assertThat(read.join(late, 8, 1)).isFalse();
    assertThat(granted).isEmpty();
    assertThat(early.pieces.get(0).batches().remaining()).isEqualTo(BYTES);
    early.pieces.get(0).letGo();
    assertThat(granted).containsExactly("all");
  }

  @Test
  void isNotKeptWhenItWasRetiredBeforeItWasFilled() {
    read.join(early, 8, 1);
    read.retire();
    fill(false);
    assertThat(early.pieces).hasSize(1);
    early.pieces.get(0).letGo();
    assertThat(budget.used()).isZero();
  }

  @Test
  void tellsEverybodyWhenItFails() {
    read.join(early, 8, 1);
    read.join(late, 8, 1);
    fill(true);
    assertThat(early.failures).hasSize(1);
    assertThat(late.failures).hasSize(1);
    assertThat(budget.used()).isZero();
    assertThat(read.join(late, 8, 1)).isFalse();
  }
}
