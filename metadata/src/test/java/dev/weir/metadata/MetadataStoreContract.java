package dev.weir.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicId;
import dev.weir.metadata.MetadataCommand.ChangePartition;
import dev.weir.metadata.MetadataCommand.CreateTopic;
import dev.weir.metadata.MetadataCommand.DeleteTopic;
import dev.weir.metadata.MetadataCommand.RegisterBroker;
import dev.weir.metadata.MetadataCommand.ReserveProducerIds;
import dev.weir.metadata.MetadataCommand.SetTopicConfig;
import dev.weir.metadata.MetadataResult.Applied;
import dev.weir.metadata.MetadataResult.Refused;
import dev.weir.metadata.MetadataResult.VersionConflict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every metadata store promises. An implementation proves itself by {@link #open} alone. */
public abstract class MetadataStoreContract {
  private static final TopicId TOPIC = new TopicId(1, 1);
  private static final TopicId OTHER = new TopicId(2, 2);

  private MetadataStore store;

  /** Opens the store; again after a close, with what it had then. */
  protected abstract MetadataStore open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void reopen() throws Exception {
    store.close();
    store = open();
  }

  @Test
  void aClusterHasAnIdThatStays() throws Exception {
    register(1);
    UUID id = image().clusterId();
    reopen();
    assertThat(image().clusterId()).isEqualTo(id);
  }

  @Test
  void everyStartRaisesTheBrokersEpoch() throws Exception {
    register(1);
    assertThat(image().brokers().get(1).epoch()).isEqualTo(1);
    register(1);
    assertThat(image().brokers().get(1).epoch()).isEqualTo(2);
    reopen();
    register(1);
    assertThat(image().brokers().get(1).epoch()).isEqualTo(3);
  }

  @Test
  void everyStartRaisesTheLeaderEpochsOfWhatTheBrokerLeads() throws Exception {
    register(1);
    register(2);
    create("t", TOPIC, List.of(List.of(1, 2), List.of(2, 1)));
    int led = partition(0).leaderEpoch();
    int other = partition(1).leaderEpoch();
    reopen();
    register(1);
    assertThat(partition(0).leaderEpoch()).isGreaterThan(led);
    assertThat(partition(1).leaderEpoch()).isEqualTo(other);
  }

  @Test
  void leaderEpochOfAClusterOfOneCountsTheStarts() throws Exception {
    for (int start = 1; start <= 4; start++) {
      register(1);
      if (start == 3) {
        create("t", TOPIC, List.of(List.of(1)));
        assertThat(partition(0).leaderEpoch()).isEqualTo(3);
      }
      reopen();
    }
    assertThat(partition(0).leaderEpoch()).isEqualTo(4);
  }

  @Test
  void aRegistrationThatIsAppliedTwiceCountsOnce() {
    RegisterBroker command = new RegisterBroker(1, UUID.randomUUID(), "h", 1);
    applied(command);
    long version = image().version();
    applied(command);
    assertThat(image().brokers().get(1).epoch()).isEqualTo(1);
    assertThat(image().version()).isEqualTo(version);
  }

  @Test
  void aTopicSurvivesWithEverythingItHas() throws Exception {
    register(1);
    register(2);
    register(3);
    applied(
        new CreateTopic(
            "t", TOPIC, List.of(List.of(3, 1), List.of(2)), Map.of("segment.bytes", "2048")));
    ClusterImage before = image();
    reopen();
    assertThat(image()).isEqualTo(before);
    TopicImage topic = image().topic("t");
    assertThat(topic).isEqualTo(image().topic(TOPIC));
    assertThat(topic.config()).containsExactly(Map.entry("segment.bytes", "2048"));
    assertThat(topic.partitions().get(0).leader()).isEqualTo(3);
    assertThat(topic.partitions().get(0).inSync()).containsExactly(3, 1);
    assertThat(topic.partitions().get(1).replicas()).containsExactly(2);
  }

  @Test
  void aTopicThatIsCreatedTwiceByOneAuthorIsThereOnce() {
    register(1);
    create("t", TOPIC, List.of(List.of(1)));
    long version = image().version();
    create("t", TOPIC, List.of(List.of(1)));
    assertThat(image().version()).isEqualTo(version);
  }

  @Test
  void refusesASecondTopicOfTheSameName() {
    register(1);
    create("t", TOPIC, List.of(List.of(1)));
    assertThat(submit(new CreateTopic("t", OTHER, List.of(List.of(1)), Map.of())))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.code()).isEqualTo(ErrorCode.TOPIC_EXISTS));
  }

  @Test
  void refusesReplicasThatAreNoBrokers() {
    register(1);
    for (List<Integer> replicas : List.of(List.<Integer>of(), List.of(1, 1), List.of(1, 9))) {
      assertThat(submit(new CreateTopic("t", TOPIC, List.of(replicas), Map.of())))
          .isInstanceOfSatisfying(
              Refused.class,
              refused ->
                  assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR));
    }
    assertThat(image().topics()).isEmpty();
  }

  @Test
  void aDeletedTopicIsGoneAndMayBeDeletedAgain() throws Exception {
    register(1);
    create("t", TOPIC, List.of(List.of(1)));
    applied(new DeleteTopic(TOPIC));
    applied(new DeleteTopic(TOPIC));
    reopen();
    assertThat(image().topic("t")).isNull();
    create("t", OTHER, List.of(List.of(1)));
    applied(new DeleteTopic(TOPIC)); // a late repetition does not hit the namesake
    assertThat(image().topic("t").id()).isEqualTo(OTHER);
  }

  @Test
  void configChangesByWhoeverSawTheLatestVersion() {
    register(1);
    create("t", TOPIC, List.of(List.of(1)));
    long seen = image().topic("t").version();
    SetTopicConfig first = new SetTopicConfig(TOPIC, seen, Map.of("a", "1"));
    applied(first);
    assertThat(submit(new SetTopicConfig(TOPIC, seen, Map.of("a", "2"))))
        .isEqualTo(new VersionConflict(seen, seen + 1));
    assertThat(submit(first)).isInstanceOf(VersionConflict.class);
    assertThat(image().topic("t").config()).isEqualTo(Map.of("a", "1"));
  }

  @Test
  void leadershipChangesByWhoeverSawTheLatestVersion() {
    register(1);
    register(2);
    create("t", TOPIC, List.of(List.of(1, 2)));
    PartitionImage seen = partition(0);
    applied(new ChangePartition(TOPIC, 0, seen.version(), 2, List.of(2)));
    assertThat(partition(0).leader()).isEqualTo(2);
    assertThat(partition(0).leaderEpoch()).isGreaterThan(seen.leaderEpoch());
    assertThat(partition(0).inSync()).containsExactly(2);
    assertThat(submit(new ChangePartition(TOPIC, 0, seen.version(), 1, List.of(1))))
        .isInstanceOf(VersionConflict.class);
    assertThat(partition(0).leader()).isEqualTo(2);
  }

  @Test
  void refusesALeaderThatIsNotInSync() {
    register(1);
    register(2);
    create("t", TOPIC, List.of(List.of(1, 2)));
    long version = partition(0).version();
    assertThat(submit(new ChangePartition(TOPIC, 0, version, 1, List.of(2))))
        .isInstanceOf(Refused.class);
    assertThat(submit(new ChangePartition(TOPIC, 0, version, 9, List.of(9))))
        .isInstanceOf(Refused.class);
    assertThat(submit(new ChangePartition(TOPIC, 4, version, 1, List.of(1))))
        .isInstanceOf(Refused.class);
  }

  @Test
  void producerIdsAreNeverReservedTwice() throws Exception {
    List<Long> firsts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      long next = image().nextProducerId();
      applied(new ReserveProducerIds(next, 10));
      firsts.add(next);
      assertThat(submit(new ReserveProducerIds(next, 10))).isInstanceOf(VersionConflict.class);
      reopen();
    }
    assertThat(firsts).containsExactly(0L, 10L, 20L, 30L, 40L);
    assertThat(submit(new ReserveProducerIds(image().nextProducerId(), 0)))
        .isInstanceOf(Refused.class);
  }

  @Test
  void ofManyAtOnceWithTheSameExpectationOneWins() {
    List<CompletableFuture<MetadataResult>> results = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      results.add(store.submit(new ReserveProducerIds(0, 10)).toCompletableFuture());
    }
    assertThat(results.stream().map(CompletableFuture::join).filter(Applied.class::isInstance))
        .hasSize(1);
    assertThat(image().nextProducerId()).isEqualTo(10);
  }

  @Test
  void listenersSeeEveryVersionInOrderBeforeTheResultIsGiven() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    store.images().listen(image -> seen.add(image.version()));
    long before = image().version();
    for (int id = 1; id <= 20; id++) {
      Applied result = applied(new RegisterBroker(id, UUID.randomUUID(), "h", 1));
      assertThat(seen).last().isEqualTo(result.image().version());
    }
    assertThat(seen)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(before + 1, before + 20).boxed().toList());
  }

  @Test
  void refusalsChangeNothing() {
    register(1);
    ClusterImage before = image();
    submit(new SetTopicConfig(OTHER, 1, Map.of()));
    submit(new ChangePartition(OTHER, 0, 1, 1, List.of(1)));
    submit(new CreateTopic("t", TOPIC, List.of(), Map.of()));
    assertThat(image()).isEqualTo(before);
  }

  @Test
  void closeAppliesWhatWasSubmitted() throws Exception {
    List<CompletableFuture<MetadataResult>> results = new ArrayList<>();
    for (int id = 1; id <= 100; id++) {
      results.add(
          store.submit(new RegisterBroker(id, UUID.randomUUID(), "h", 1)).toCompletableFuture());
    }
    store.close();
    for (CompletableFuture<MetadataResult> result : results) {
      assertThat(result.get(1, TimeUnit.SECONDS)).isInstanceOf(Applied.class);
    }
    reopen();
    assertThat(image().brokers()).hasSize(100);
  }

  @Test
  void aClosedStoreRefuses() {
    store.close();
    store.close();
    assertThatThrownBy(() -> submit(new ReserveProducerIds(0, 1)))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  private ClusterImage image() {
    return store.images().current();
  }

  private PartitionImage partition(int number) {
    return image().topic("t").partitions().get(number);
  }

  private void register(int id) {
    applied(new RegisterBroker(id, UUID.randomUUID(), "host-" + id, 9800 + id));
  }

  private void create(String name, TopicId id, List<List<Integer>> replicas) {
    applied(new CreateTopic(name, id, replicas, Map.of()));
  }

  private MetadataResult submit(MetadataCommand command) {
    return store.submit(command).toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private Applied applied(MetadataCommand command) {
    MetadataResult result = submit(command);
    assertThat(result).isInstanceOf(Applied.class);
    return (Applied) result;
  }
}
