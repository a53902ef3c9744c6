package dev.weir.broker.campaign.groups;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A run in which all is well, and what is found when one thing in it is not. */
class CheckerTest {
  private static final Holding A_0 = held(0, 100, 500, span(0, 0, 3, 150, 450));
  private static final Holding A_1 = held(1, 100, 1_000, span(1, 0, 9, 150, 900));
  private static final Holding B_0 = held(0, 520, 3_000, span(0, 4, 9, 530, 900));
  private static final Holding B_1 = held(1, 2_200, 3_000);

  private final List<MemberHistory> members =
      new ArrayList<>(List.of(member("a", A_0, A_1), member("b", B_0, B_1)));
  private final List<Change> changes =
      new ArrayList<>(
          List.of(
              joined(90, "a", 1, Set.of(0, 1), Set.of()),
              joined(480, "b", 2, Set.of(), Set.of()),
              joined(490, "a", 1, Set.of(0, 1), Set.of(0)),
              joined(510, "a", 1, Set.of(1), Set.of()),
              joined(515, "b", 2, Set.of(0), Set.of()),
              gone(2_100, "a"),
              joined(2_110, "b", 2, Set.of(0, 1), Set.of())));
  private final List<Commit> commits =
      new ArrayList<>(
          List.of(
              new Commit(500, 0, 4),
              new Commit(950, 0, 10),
              new Commit(960, 1, 9),
              new Commit(2_400, 1, 10)));
  private final List<Fault> faults =
      new ArrayList<>(
          List.of(
              new Fault(Fault.Kind.JOIN, "b", 460, 460),
              new Fault(Fault.Kind.LEAVE, "a", 2_000, 2_000),
              new Fault(Fault.Kind.KILL, "a", 1_000, 1_000),
              new Fault(Fault.Kind.PAUSE, "a", 1_000, 2_150)));
  private final Breaches breaches = new Breaches();
  private Map<Integer, Long> committed = Map.of(0, 10L, 1, 10L);
  private long produced = 10;
  private long lastSample = 2_500;

  @Test
  void findsNothingWhereAllIsWell() {
    Verdict verdict = check();
    assertThat(breaches.witnesses()).isEmpty();
    assertThat(verdict.well()).isTrue();
    assertThat(verdict.duplicates()).isZero();
    assertThat(verdict.rebalances())
        .containsExactly(new Ownership.Rebalance(490, 515), new Ownership.Rebalance(2_100, 2_110));
    assertThat(verdict.table())
        .contains("rebalance ms p50/p99/max                           25/25/25")
        .contains("kill: struck, took effect                          1, 1");
  }

  @Test
  void aRecordNobodyProcessedIsLost() {
    members.set(1, member("b", held(0, 520, 3_000, span(0, 5, 9, 530, 900)), B_1));
    assertFound(Breach.LOST, "LOST: partition 0, offsets 4 to 4");
  }

  @Test
  void aTailNobodyProcessedIsLost() {
    produced = 12;
    check();
    assertThat(breaches.witnesses()).contains("LOST: partition 1, offsets 10 to 11");
  }

  @Test
  void recordsProcessedTwiceAreCounted() {
    members.set(1, member("b", held(0, 520, 3_000, span(0, 2, 9, 530, 900)), B_1));
    assertThat(check().duplicates()).isEqualTo(2);
    assertThat(breaches.none()).isTrue();
  }

  @Test
  void aPartitionGivenAwayWhileItHasAnOwner() {
    changes.set(3, joined(510, "a", 1, Set.of(0, 1), Set.of(0)));
    check();
    assertThat(breaches.witnesses())
        .contains("TWO_OWNERS: partition 0 was given to b of epoch 2 while a of epoch 1 owned it");
  }

  @Test
  void anEpochOfTwoMembers() {
    changes.replaceAll(
        each ->
            each.client().equals("b")
                ? joined(each.at(), "b", 1, each.owned(), each.draining())
                : each);
    check();
    assertThat(breaches.count(Breach.TWO_OWNERS)).isPositive();
  }

  @Test
  void twoMembersThatHoldAPartitionAtOnce() {
    members.set(0, member("a", held(0, 100, 540, span(0, 0, 3, 150, 450)), A_1));
    assertFound(Breach.OVERLAP, "OVERLAP: partition 0 was held by a until 540 and by b from 520");
  }

  @Test
  void whoWasRemovedMayNotKnowItYet() {
    Holding late = held(1, 100, 2_300, span(1, 0, 9, 150, 900), span(1, 8, 9, 2_250, 2_260));
    members.set(0, member("a", A_0, late));
    Verdict verdict = check();
    assertThat(breaches.none()).isTrue();
    assertThat(verdict.zombieRecords()).isEqualTo(2);
  }

  @Test
  void whoWasRemovedMayHearLateOfWhatItWasAssigned() {
    changes.add(joined(2_300, "c", 3, Set.of(), Set.of()));
    changes.add(joined(2_310, "b", 2, Set.of(0), Set.of()));
    changes.add(joined(2_320, "c", 3, Set.of(1), Set.of()));
    changes.add(gone(2_400, "c"));
    changes.add(joined(2_410, "b", 2, Set.of(0, 1), Set.of()));
    members.set(1, member("b", B_0, held(1, 2_200, 2_310), held(1, 2_420, 3_000)));
    members.add(member("c", held(1, 2_500, 2_510, span(1, 9, 9, 2_505, 2_505))));
    Verdict verdict = check();
    assertThat(breaches.witnesses()).isEmpty();
    assertThat(verdict.zombieRecords()).isEqualTo(1);
  }

  @Test
  void aPartitionHeldThatWasNotAssigned() {
    members.set(1, member("b", held(0, 512, 3_000, span(0, 4, 9, 530, 900)), B_1));
    assertFound(Breach.NOT_ASSIGNED, "NOT_ASSIGNED: b held partition 0 from 512");
  }

  @Test
  void aRecordOfAPartitionThatIsNotHeld() {
    members.add(history("c", "P 600 610 0 4 4\n"));
    assertFound(
        Breach.NOT_ASSIGNED,
        "NOT_ASSIGNED: c processed without holding:"
            + " Span[partition=0, first=4, last=4, from=600, to=610]");
  }

  @Test
  void aCommittedOffsetThatFalls() {
    commits.add(new Commit(2_500, 0, 9));
    assertFound(Breach.COMMIT_FELL, "COMMIT_FELL: partition 0 from 10 to 9");
  }

  @Test
  void aCommitThatIsNotThereInTheEnd() {
    members.add(history("c", "C 700 1 10\n"));
    committed = Map.of(0, 10L, 1, 9L);
    assertFound(
        Breach.COMMIT_LOST, "COMMIT_LOST: c was told that 10 of partition 1 is committed; it is 9");
  }

  @Test
  void aLiveMemberThatDoesNotRead() {
    members.set(1, member("b", held(0, 520, 9_000, span(0, 4, 9, 3_600, 3_900)), B_1));
    assertFound(
        Breach.STALLED,
        "STALLED: 3080 ms: b read nothing of partition 0 from 520 to 3600 ms into the run");
  }

  @Test
  void aMemberThatNeverReadsWhatItHolds() {
    commits.remove(1);
    members.set(1, member("b", held(0, 520, 4_000), B_1));
    check();
    assertThat(breaches.count(Breach.STALLED)).isEqualTo(1);
  }

  @Test
  void anOwnerThatNeverHearsOfIt() {
    lastSample = 9_000;
    members.set(1, member("b", B_0));
    assertFound(
        Breach.STALLED,
        "STALLED: 6890 ms: b did not take partition 1 from 2110 to 9000 ms into the run");
  }

  @Test
  void pausesAndRestartsAreNoStalls() {
    members.set(1, member("b", held(0, 520, 9_000, span(0, 4, 9, 3_600, 3_900)), B_1));
    faults.add(new Fault(Fault.Kind.PAUSE, "b", 600, 700));
    assertThat(check().longestStall()).isEqualTo(2_980);
    assertThat(breaches.none()).isTrue();
    faults.add(new Fault(Fault.Kind.RESTART, "", 800, 1_000));
    assertThat(check().longestStall()).isEqualTo(2_780);
  }

  @Test
  void aMemberThatFails() {
    members.add(history("c", "X 700 OFFSET_OUT_OF_RANGE\n"));
    assertFound(Breach.FAILED_CLIENT, "FAILED_CLIENT: c: X 700 OFFSET_OUT_OF_RANGE");
  }

  @Test
  void aRecordThatIsNotWhatWasSent() {
    members.add(history("c", "F 700 records-0@3 is null\n"));
    assertFound(Breach.FOREIGN, "FOREIGN: c: F 700 records-0@3 is null");
  }

  @Test
  void aKindOfFaultThatNeverStruckProvesNothing() {
    faults.remove(2);
    assertFound(Breach.VACUOUS, "VACUOUS: 0 of 0 faults of kind KILL took effect");
  }

  @Test
  void aKillThatHitNoOwnerProvesNothing() {
    faults.set(2, new Fault(Fault.Kind.KILL, "b", 485, 485));
    assertFound(Breach.VACUOUS, "VACUOUS: 0 of 1 faults of kind KILL took effect");
  }

  @Test
  void aKillAfterWhichNobodyGotThePartitionsProvesNothing() {
    faults.set(2, new Fault(Fault.Kind.KILL, "b", 2_500, 2_500));
    assertFound(Breach.VACUOUS, "VACUOUS: 0 of 1 faults of kind KILL took effect");
  }

  @Test
  void pausesWithinTheSessionAloneProveNothing() {
    faults.set(3, new Fault(Fault.Kind.PAUSE, "a", 1_000, 1_100));
    assertFound(Breach.VACUOUS, "VACUOUS: no pause was longer than a session");
  }

  @Test
  void aRestartAfterWhichNothingIsCommittedProvesNothing() {
    faults.add(new Fault(Fault.Kind.RESTART, "", 2_500, 2_600));
    assertFound(Breach.VACUOUS, "VACUOUS: 0 of 1 faults of kind RESTART took effect");
  }

  @Test
  void aHistoryThatIsCutOffEndsWithTheProcess() {
    MemberHistory history = history("c", "A 10 0\nP 20 30 0 0 5\nA 40 1\nP 50 60 1 0");
    assertThat(history.holdings())
        .containsExactlyInAnyOrder(held(0, 10, 5_000, span(0, 0, 5, 20, 30)), held(1, 40, 5_000));
  }

  @Test
  void aHistoryTellsOfRevokedAndLostPartitions() {
    MemberHistory history = history("c", "A 10 0\nA 10 1\nR 20 0\nL 30 1\nA 40 0\nE 50\n");
    assertThat(history.holdings())
        .containsExactly(held(0, 10, 20), held(1, 10, 30), held(0, 40, 50));
  }

  private void assertFound(Breach breach, String witness) {
    check();
    assertThat(breaches.witnesses()).containsExactly(witness);
    assertThat(breaches.count(breach)).isEqualTo(1);
  }

  private Verdict check() {
    Produced samples =
        new Produced(
            List.of(
                new Produced.Sample(0, List.of(0L, 0L)),
                new Produced.Sample(50, List.of(produced, produced)),
                new Produced.Sample(lastSample, List.of(produced, produced))));
    return new Checker(
            new Evidence(2, 0, members, changes, commits, samples, faults, committed), breaches)
        .check();
  }

  private static Span span(int partition, long first, long last, long from, long to) {
    return new Span(partition, first, last, from, to);
  }

  private static Holding held(int partition, long from, long to, Span... spans) {
    return new Holding(partition, from, to, List.of(spans));
  }

  private static MemberHistory member(String name, Holding... holdings) {
    return new MemberHistory(name, List.of(holdings), List.of(), Map.of(), List.of(), List.of());
  }

  private static MemberHistory history(String name, String lines) {
    return MemberHistory.parse(name, lines, 5_000);
  }

  private static Change joined(
      long at, String client, int epoch, Set<Integer> owned, Set<Integer> draining) {
    return new Change(at, "id-" + client, client, epoch, owned, draining, false);
  }

  private static Change gone(long at, String client) {
    return new Change(at, "id-" + client, "", 0, Set.of(), Set.of(), true);
  }
}
