package dev.weir.broker.campaign.groups;

import dev.weir.client.ClientSettings;
import dev.weir.client.CommitSettings;
import dev.weir.client.ConsumerControl;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupSubscription;
import dev.weir.client.MemberSettings;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** A member's process. Leaves the group when its standard input ends. */
final class StormMember {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration SESSION = Duration.ofMillis(2_500);
  private static final Duration DRAIN = Duration.ofSeconds(5);
  private static final Duration COMMIT = Duration.ofMillis(500);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final int FLUSH_MILLIS = 100;
  private static final int PROGRESS_MILLIS = 500;
  private static final int BUFFER_BYTES = 4 << 20;

  private StormMember() {}

  /** Server, name, file. */
  public static void main(String[] args) throws IOException {
    WeirClient client =
        WeirClient.create(
            ClientSettings.of(args[0])
                .withClientId(args[1])
                .withConnectTimeout(PATIENCE)
                .withDeliveryTimeout(PATIENCE));
    ConsumerControl control = ConsumerControl.create();
    try (HistoryFile history = new HistoryFile(Path.of(args[2]))) {
      GroupSubscription group =
          GroupSubscription.of(Storm.GROUP, Storm.TOPIC)
              .withMember(
                  MemberSettings.defaults().withSessionTimeout(SESSION).withDrainTimeout(DRAIN))
              .withCommits(CommitSettings.defaults().withInterval(COMMIT).withCloseTimeout(CLOSE))
              .withListener(history)
              .controlledBy(control);
      Disposable receiving =
          client
              .consumer(
                  ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes())
                      .withBufferBytes(BUFFER_BYTES)
                      .withRetryTimeout(PATIENCE))
              .receive(group)
              .subscribe(history::onRecord, history::onFailure);
      Disposable flushing = every(FLUSH_MILLIS).subscribe(tick -> history.flush());
      Disposable asking =
          every(PROGRESS_MILLIS)
              .flatMap(tick -> control.progress().onErrorComplete()) // not yet, or no more
              .subscribe(history::onProgress);
      while (System.in.read() >= 0) {
        // only the end means something
      }
      history.flush(); // what is acknowledged now is committed on the way out
      receiving.dispose();
      history.end();
      client.close().block(CLOSE.multipliedBy(2));
      flushing.dispose();
      asking.dispose();
    }
    System.exit(0);
  }

  private static Flux<Long> every(int millis) {
    return Flux.interval(Duration.ofMillis(millis)).onBackpressureDrop();
  }
}
