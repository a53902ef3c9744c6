package dev.weir.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.BrokerInfo;
import dev.weir.core.protocol.CreateTopicRequest;
import dev.weir.core.protocol.CreateTopicResponse;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListOffsetsResponse;
import dev.weir.core.protocol.MetadataRequest;
import dev.weir.core.protocol.MetadataResponse;
import dev.weir.core.protocol.PartitionInfo;
import dev.weir.core.protocol.ProducerInitResponse;
import dev.weir.core.protocol.ThrottleCause;
import dev.weir.core.protocol.TopicInfo;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.route.Routes;
import dev.weir.core.topic.TopicId;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import dev.weir.transport.rsocket.PeerConnection;
import dev.weir.transport.rsocket.RSocketServer;
import dev.weir.transport.rsocket.RequestHandler;
import dev.weir.transport.rsocket.ServerSettings;
import dev.weir.transport.rsocket.SharedLimits;
import dev.weir.transport.rsocket.TransportResources;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A broker in this process that speaks the real protocol over the real transport, keeps its logs in
 * memory across restarts, and fails as its script says. Everything is under one lock.
 */
final class FakeBroker implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  record Topic(String name, TopicId id, List<FakeLog> partitions) {}

  private final Map<String, Topic> topics = new LinkedHashMap<>();
  private final List<PeerConnection> connections = new ArrayList<>();
  private final List<FakeFetch> fetches = new ArrayList<>();
  private final TransportResources resources =
      TransportResources.forServer(1, Runnable::run, SharedLimits.NONE);
  private final FakeProducing producing = new FakeProducing(this);
  private FakeGroups groups = new FakeGroups(this);
  private long nextProducerId = 1000;
  private String droppedRoute = "";
  private RSocketServer server;
  private int port;

  static FakeBroker start() {
    FakeBroker broker = new FakeBroker();
    broker.resume();
    return broker;
  }

  /** Where clients find it; stays the same across restarts. */
  String address() {
    return "127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  synchronized FakeBroker withTopic(String name, int partitions) {
    List<FakeLog> logs = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      logs.add(new FakeLog());
    }
    topics.put(name, new Topic(name, TopicId.of(UUID.randomUUID()), List.copyOf(logs)));
    return this;
  }

  synchronized void deleteTopic(String name) {
    topics.remove(name);
  }

  synchronized FakeBroker withScript(Fault.Script faults) {
    producing.script = faults;
    return this;
  }

  /** Batches a client may send ahead. */
  synchronized FakeBroker withCredit(int batches) {
    producing.credit = batches;
    return this;
  }

  /** Ends each produce channel after so many batches. */
  synchronized FakeBroker withBatchesPerChannel(int batches) {
    producing.batchesPerChannel = batches;
    return this;
  }

  /** Says with every result that it holds producers back, to 3 batches. */
  synchronized FakeBroker throttling(ThrottleCause cause) {
    producing.throttledBy = cause;
    return this;
  }

  /** Gives no more credit on a produce channel after so many batches. */
  synchronized FakeBroker stallingAfter(int batches) {
    producing.batchesPerChannel = batches;
    producing.completesChannels = false;
    return this;
  }

  synchronized List<String> values(String topic, int partition) {
    return topics.get(topic).partitions().get(partition).values();
  }

  synchronized List<String> keysIn(String topic, int partition) {
    return topics.get(topic).partitions().get(partition).keys();
  }

  synchronized List<RecordBatch> batches(String topic, int partition) {
    return topics.get(topic).partitions().get(partition).batches();
  }

  /** Appends as if some producer had sent it, and wakes those who fetch. */
  synchronized void append(String topic, int partition, ByteBuffer batch) {
    topics.get(topic).partitions().get(partition).append(batch);
    List.copyOf(fetches).forEach(FakeFetch::pump);
  }

  /** Flips a bit in the records of one batch. */
  synchronized void damage(String topic, int partition, int batch) {
    log(topic, partition).damage(batch);
  }

  synchronized FakeLog log(String topic, int partition) {
    return topics.get(topic).partitions().get(partition);
  }

  /** The coordinator of all groups. */
  FakeGroups groups() {
    return groups;
  }

  /** Has the groups coordinated by another broker. */
  synchronized void shareGroupsOf(FakeBroker other) {
    groups = other.groups;
  }

  synchronized Map<String, Topic> topics() {
    return topics;
  }

  synchronized List<FakeFetch> fetches() {
    return List.copyOf(fetches);
  }

  int produceChannels() {
    return producing.channels();
  }

  synchronized int connectionCount() {
    return connections.size();
  }

  /** Breaks the connection on which this route is asked next, without an answer. */
  synchronized void dropOnce(String route) {
    droppedRoute = route;
  }

  /** Breaks every connection. */
  void dropConnections() {
    List<PeerConnection> all;
    synchronized (this) {
      all = List.copyOf(connections);
      connections.clear();
      fetches.clear();
    }
    all.forEach(connection -> connection.close("dropped by the test"));
  }

  /** Stops listening and breaks every connection; the logs stay. */
  void pause() {
    dropConnections();
    server.close().block(DEADLINE);
  }

  /** Listens again at the same address. */
  void resume() {
    server =
        RSocketServer.start(ServerSettings.at("127.0.0.1", port), resources, this::accept)
            .block(DEADLINE);
    port = server.address().getPort();
  }

  @Override
  public void close() {
    pause();
    producing.close();
    resources.close().block(DEADLINE);
  }

  private synchronized RequestHandler accept(PeerConnection connection) {
    connections.add(connection);
    connection
        .onClose()
        .doFinally(
            signal -> {
              synchronized (this) {
                connections.remove(connection);
              }
            })
        .subscribe();
    return new Handler(connection);
  }

  Topic topicOf(ByteString id) {
    TopicId wanted = TopicId.of(id.asReadOnlyByteBuffer());
    return topics.values().stream()
        .filter(topic -> topic.id().equals(wanted))
        .findFirst()
        .orElseThrow(
            () -> new WeirException(ErrorCode.UNKNOWN_TOPIC, "no topic has the id " + wanted));
  }

  private final class Handler implements RequestHandler {
    private final PeerConnection connection;

    Handler(PeerConnection connection) {
      this.connection = connection;
    }

    @Override
    public Mono<Void> fireAndForget(InboundMessage message) {
      try (message) {
        producing.produce(connection, message);
      }
      return Mono.empty();
    }

    @Override
    public Mono<OutboundMessage> requestResponse(InboundMessage message) {
      try (message) {
        if (isToBeDropped(message.route())) {
          connection.close("dropped by the test");
          return Mono.never();
        }
        MessageLite answer = answer(message);
        return Mono.just(OutboundMessage.of(ByteBuffer.wrap(answer.toByteArray())));
      } catch (InvalidProtocolBufferException e) {
        return Mono.error(e);
      } catch (WeirException e) {
        return Mono.error(e);
      }
    }

    @Override
    public Flux<OutboundMessage> requestStream(InboundMessage message) {
      try (message) {
        FetchRequest request = FetchRequest.parseFrom(message.data());
        synchronized (FakeBroker.this) {
          FakeLog log = topicOf(request.getTopicId()).partitions().get(request.getPartition());
          FakeFetch fetch = new FakeFetch(FakeBroker.this, log, request);
          fetches.add(fetch);
          return fetch.flux();
        }
      } catch (InvalidProtocolBufferException e) {
        return Flux.error(e);
      } catch (WeirException e) {
        return Flux.error(e);
      }
    }

    @Override
    public Flux<OutboundMessage> requestChannel(InboundMessage first, Flux<InboundMessage> all) {
      return first.route().equals(Routes.GROUP)
          ? groups.channel(all)
          : producing.channel(connection, all);
    }

    private boolean isToBeDropped(String route) {
      synchronized (FakeBroker.this) {
        boolean dropped = route.equals(droppedRoute);
        if (dropped) {
          droppedRoute = "";
        }
        return dropped;
      }
    }

    private MessageLite answer(InboundMessage message) throws InvalidProtocolBufferException {
      synchronized (FakeBroker.this) {
        return switch (message.route()) {
          case Routes.METADATA -> metadata(MetadataRequest.parseFrom(message.data()));
          case Routes.PRODUCER_INIT ->
              ProducerInitResponse.newBuilder().setProducerId(nextProducerId++).build();
          case Routes.OFFSETS_LIST -> offsets(ListOffsetsRequest.parseFrom(message.data()));
          case Routes.ADMIN_TOPICS_CREATE -> create(CreateTopicRequest.parseFrom(message.data()));
          default -> groups.answer(message);
        };
      }
    }
  }

  private MetadataResponse metadata(MetadataRequest request) {
    MetadataResponse.Builder response =
        MetadataResponse.newBuilder()
            .setClusterId("fake")
            .addBrokers(BrokerInfo.newBuilder().setId(1).setHost("127.0.0.1").setPort(port));
    for (String name : request.getTopicsList()) {
      Topic topic = topics.get(name);
      TopicInfo.Builder info = TopicInfo.newBuilder().setName(name);
      if (topic == null) {
        info.setError(ErrorCode.UNKNOWN_TOPIC.number())
            .setErrorMessage("topic '" + name + "' does not exist");
      } else {
        info.setTopicId(ByteString.copyFrom(topic.id().toBytes()));
        for (int i = 0; i < topic.partitions().size(); i++) {
          info.addPartitions(PartitionInfo.newBuilder().setPartition(i).setLeader(1));
        }
      }
      response.addTopics(info);
    }
    return response.build();
  }

  private ListOffsetsResponse offsets(ListOffsetsRequest request) {
    FakeLog log = topicOf(request.getTopicId()).partitions().get(request.getPartition());
    long offset =
        switch (request.getAtCase()) {
          case EARLIEST -> log.startOffset();
          case TIMESTAMP -> log.offsetAt(request.getTimestamp());
          default -> log.endOffset();
        };
    return ListOffsetsResponse.newBuilder().setOffset(offset).build();
  }

  private CreateTopicResponse create(CreateTopicRequest request) {
    if (topics.containsKey(request.getName())) {
      throw new WeirException(
          ErrorCode.TOPIC_EXISTS, "topic '" + request.getName() + "' exists already");
    }
    withTopic(request.getName(), Math.max(1, request.getPartitions()));
    return CreateTopicResponse.newBuilder()
        .setTopicId(ByteString.copyFrom(topics.get(request.getName()).id().toBytes()))
        .build();
  }
}
