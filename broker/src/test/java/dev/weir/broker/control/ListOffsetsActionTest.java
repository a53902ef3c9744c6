package dev.weir.broker.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.partition.DiskTroubles;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.partition.PartitionLoops;
import dev.weir.broker.partition.PartitionOpener;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicId;
import dev.weir.metadata.FileMetadataStore;
import dev.weir.metadata.MetadataCommand.CreateTopic;
import dev.weir.metadata.MetadataCommand.RegisterBroker;
import dev.weir.storage.disk.ChannelLogFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ListOffsetsActionTest {
  private static final TopicId TOPIC = TopicId.of(UUID.randomUUID());

  @TempDir private Path dataDir;

  @Test
  @Timeout(30)
  void onlySoManySearchesByTimeAreOutstanding() throws Exception {
    Queue<Runnable> disk = new ConcurrentLinkedQueue<>();
    try (ThreadLoop loop = new ThreadLoop("weir-partition-test", failure -> {});
        FileMetadataStore store = FileMetadataStore.open(dataDir)) {
      HostedPartitions partitions = open(loop, store);
      ListOffsetsAction action = new ListOffsetsAction(partitions, disk::add);
      List<CompletableFuture<? extends Message>> answers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        answers.add(search(action));
      }
      assertThatThrownBy(() -> search(action).get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED));
      assertThat(disk).hasSize(64);
      disk.remove().run();
      CompletableFuture<? extends Message> next = search(action);
      partitions.find(TOPIC, 0).ask(replica -> replica.leaderEpoch()).join();
      assertThat(disk).hasSize(64);
      disk.forEach(Runnable::run);
      answers.add(next);
      for (CompletableFuture<? extends Message> answer : answers) {
        assertThat(answer.get(10, TimeUnit.SECONDS)).isNotNull();
      }
      partitions.close().toCompletableFuture().join();
    }
  }

  private static CompletableFuture<? extends Message> search(ListOffsetsAction action) {
    return action
        .answer(
            ListOffsetsRequest.newBuilder()
                .setTopicId(ByteString.copyFrom(TOPIC.toBytes()))
                .setTimestamp(1))
        .toCompletableFuture();
  }

  private HostedPartitions open(ThreadLoop loop, FileMetadataStore store) {
    HostedPartitions partitions =
        new HostedPartitions(
            new PartitionOpener(
                dataDir,
                new ChannelLogFiles(100),
                Time.system(),
                new PartitionOpener.Executors(
                    new PartitionLoops(List.of(loop)), Runnable::run, Runnable::run),
                new PartitionOpener.Observers(
                    new AppendCounters(), new DiskTroubles(Time.system()))),
            Map.of());
    store.submit(new RegisterBroker(1, UUID.randomUUID(), "h", 1)).toCompletableFuture().join();
    store
        .submit(new CreateTopic("t", TOPIC, List.of(List.of(1)), Map.of()))
        .toCompletableFuture()
        .join();
    partitions.follow(store.current());
    partitions.whenAllOpen().toCompletableFuture().join();
    return partitions;
  }
}
