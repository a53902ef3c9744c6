package dev.weir.broker;

import dev.weir.broker.group.CoordinatorSettings;
import dev.weir.broker.group.state.GroupSettings;
import dev.weir.broker.setting.Setting;
import dev.weir.broker.setting.Values;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The settings of a broker as people meet them; the settings records say the same to the code. */
final class BrokerKeys {
  private static final long MIB = 1 << 20;
  private static final Map<String, Setting> ALL = new LinkedHashMap<>();

  static {
    text(
        SettingKeys.DATA_DIR,
        "./weir-data",
        "a path",
        "Where the logs and the metadata live; one broker at a time may use it.");
    text(SettingKeys.HOST, "127.0.0.1", "a host name or address", "Address to bind.");
    number(SettingKeys.PORT, "9800", 0, 0xffff, "RSocket over TCP; 0 picks a free port.", "");
    number(
        SettingKeys.HTTP_PORT,
        "9801",
        0,
        0xffff,
        "HTTP and RSocket over WebSocket; 0 picks a free port.",
        "");
    text(
        "advertised.host",
        "",
        "a host name or address",
        "What clients are told to connect to; empty: the address that is bound.");
    text(
        "http.origins",
        "",
        "origins separated by commas, such as https://shop.example:8443, null or *",
        "Of web pages that may open a WebSocket, besides pages from this broker's own address and,"
            + " where browser and broker share a machine, pages from localhost.");
    threads("threads.io", "the cores, at most 4", "Event loops.", "Small: sockets wait.");
    threads(
        "threads.partition",
        "the cores, at most 4",
        "Loops on which partitions live.",
        "Small: appends wait.");
    threads(
        "threads.flush",
        Integer.toString(ThreadSettings.DEFAULT_FLUSH),
        "Flushes at the same time.",
        "Small: partitions wait for each other's disk.");
    threads(
        "threads.read",
        "the cores, 2 to 4",
        "Reads from the disk at the same time.",
        "Small: one reader of old data delays the others.");
    threads(
        "threads.recovery",
        "the cores, 2 to 4",
        "Logs opened at the same time when the broker starts.",
        "Small: a start after a crash takes longer.");
    number(
        "connection.inbound.bytes",
        Long.toString(32 * MIB),
        MIB,
        Long.MAX_VALUE,
        "Batches of one connection that may wait for their partitions.",
        "Small: one producer cannot fill the disk. Large: memory for each connection.");
    number(
        "inbound.bytes",
        "256 MiB, at most an eighth of the limit of direct memory",
        MIB,
        Long.MAX_VALUE,
        "The same for all connections together.",
        "Small: producers wait for each other. Large: memory.");
    number(
        "queued.bytes",
        "256 MiB, at most an eighth of the limit of direct memory",
        MIB,
        Long.MAX_VALUE,
        "Bytes that may wait for all sockets together; above it no more is asked for those that"
            + " have some.",
        "Small: readers wait for each other. Large: memory.");
    number(
        "queued.memory.bytes",
        "384 MiB, at most three sixteenths of the limit of direct memory",
        MIB,
        Long.MAX_VALUE,
        "Memory of what waits for all sockets together, ranges of files not counted; above it the"
            + " connection that holds most is closed.",
        "Small: readers are cut off. Large: memory.");
    number(
        "frame.bytes.max",
        "16777215, at most an eighth of the limit of direct memory",
        LimitSettings.SMALLEST_FRAME,
        LimitSettings.LARGEST_FRAME,
        "Largest frame accepted or sent; a batch and its header are one.",
        "Small: large batches are refused. Large: one connection may hold so much.");
    number(
        "partial.bytes",
        "256 MiB, at most an eighth of the limit of direct memory",
        MIB,
        Long.MAX_VALUE,
        "Memory of frames that have begun to come and not ended, of all connections; one always"
            + " fits. When half is used, frames older than a second give way.",
        "Small: large batches are refused while others come. Large: memory.");
    number(
        "subscribe.bytes",
        "128 MiB, at most an eighth of the heap's limit",
        MIB,
        Long.MAX_VALUE,
        "Pieces of partitions, and newest records of keys, that all record-level subscriptions hold.",
        "Small: subscribers of old records wait for each other. Large: memory.");
    number(
        "connections.max",
        "10000, at most one for each 64 KiB of the limit of direct memory",
        1,
        Integer.MAX_VALUE,
        "Connections open at once, over TCP and WebSocket; more are closed when accepted.",
        "Small: clients are turned away. Large: memory, and an open file for each.");
    number(
        "strangers.max",
        "256",
        1,
        Integer.MAX_VALUE,
        "Connections that have not completed their SETUP; more are closed when accepted. As many"
            + " again of HTTP that are no WebSockets.",
        "Small: many clients that come at once have to try again. Large: memory for strangers.");
    number(
        "strangers.address.max",
        "128",
        1,
        Integer.MAX_VALUE,
        "Of those from one address, or one IPv6 network of 64 bits.",
        "Small: the same behind a shared address. Large: one address keeps others out.");
    number(
        "connection.streams.max",
        "16384",
        1,
        Integer.MAX_VALUE,
        "Requests one connection may have open; further ones are refused OVERLOADED.",
        "Small: clients of many partitions are refused. Large: one client uses up streams.max.");
    number(
        "streams.max",
        "100000, at most one for each 16 KiB of the heap's limit",
        1,
        Integer.MAX_VALUE,
        "The same for all connections together.",
        "Small: clients are refused. Large: memory.");
    number(
        "stall.timeout.ms",
        "30000",
        100,
        Integer.MAX_VALUE,
        "How long bytes may wait for a peer that takes none before its connection is closed.",
        "Small: readers that pause are cut off. Large: they hold memory for longer.");
    number(
        "partitions.max",
        "20000",
        1,
        Integer.MAX_VALUE,
        "Partitions this broker hosts at most.",
        "Small: topics cannot be created. Large: memory, and a longer start.");
    number(
        "files.open.max",
        "half of what the process may open, at most 100000",
        16,
        Integer.MAX_VALUE,
        "Log files that are kept open.",
        "Small: files are opened again and again. Large: none are left for sockets.");
    number(
        "stream.credits.max",
        Long.toString(1L << 30),
        1,
        1L << 30,
        "Answers after which a fetch or subscription is renewed; RSocket stalls a stream beyond"
            + " 2^31 - 1.",
        "Small: streams are renewed often.");
    number(
        "retention.check.interval.ms",
        "300000",
        1,
        Long.MAX_VALUE,
        "How often partitions look for records they need not keep.",
        "Small: work for nothing. Large: records outlive retention.ms by so much.");
    number(
        "log.cleaner.threads",
        "1",
        1,
        CleanerSettings.MOST_THREADS,
        "Logs that are compacted at the same time.",
        "Small: compaction may not keep up with appends. Large: each gets a smaller part of"
            + " log.cleaner.dedupe.buffer.size.");
    number(
        "log.cleaner.dedupe.buffer.size",
        "128 MiB, at most an eighth of the heap's limit",
        MIB,
        Long.MAX_VALUE,
        "Memory for the keys of all logs being compacted together, 32 bytes a key, taken only"
            + " meanwhile; at least 1 MiB for each of log.cleaner.threads.",
        "Small: a log with many keys is read several times. Large: memory.");
    number(
        "log.cleaner.io.max.bytes.per.second",
        Long.toString(Long.MAX_VALUE),
        1,
        Long.MAX_VALUE,
        "What all compactions together read and write.",
        "Small: compaction may not keep up with appends. Large: producers and readers wait for the"
            + " disk.");
    number(
        "log.cleaner.backoff.ms",
        "15000",
        1,
        Long.MAX_VALUE,
        "How often the broker looks for logs to compact.",
        "Small: work for nothing. Large: records that are replaced take space for longer.");
    groups();
  }

  private BrokerKeys() {}

  private static void groups() {
    number(
        "offsets.topic.num.partitions",
        "16",
        1,
        CoordinatorSettings.MOST_PARTITIONS,
        "Partitions of `__consumer_offsets` when it is made, with the first group; changing it later"
            + " changes nothing.",
        "Small: groups wait for each other's flushes. Large: files, and a longer start.");
    number(
        "group.session.timeout.ms",
        "10000",
        GroupSettings.LEAST_TIMEOUT_MILLIS,
        GroupSettings.MOST_TIMEOUT_MILLIS,
        "A member of a consumer group without any request for so long is removed, unless it asked for"
            + " another time.",
        "Small: a pause costs a member its partitions. Large: what a stopped member owns stands"
            + " still.");
    number(
        "group.heartbeat.interval.ms",
        "3000",
        1,
        GroupSettings.MOST_TIMEOUT_MILLIS,
        "How often members are to send a heartbeat; a third of their session at most.",
        "Small: work for nothing.");
    number(
        "group.grace.ms",
        "2000",
        0,
        GroupSettings.MOST_TIMEOUT_MILLIS,
        "How long a member keeps its partitions without a connection; one with an instance id, at"
            + " least for its session.",
        "Small: a short break costs it its partitions. Large: what a dead member owns stands still.");
    number(
        "group.drain.timeout.ms",
        "60000",
        GroupSettings.LEAST_TIMEOUT_MILLIS,
        GroupSettings.MOST_TIMEOUT_MILLIS,
        "How long a member may take to finish what it has of partitions it is to give up, unless it"
            + " asked for another time; then it is removed.",
        "Small: slow work is done twice. Large: a member that hangs holds up the others.");
    number(
        "group.max.size",
        "500",
        1,
        Integer.MAX_VALUE,
        "Members of one group.",
        "Small: members are refused. Large: long rebalances.");
    number(
        "group.state.bytes",
        "128 MiB, at most an eighth of the heap's limit",
        MIB,
        Long.MAX_VALUE,
        "Memory that all groups with their members and offsets may take; beyond it joins and commits"
            + " are refused.",
        "Small: groups are refused. Large: memory.");
    number(
        "offset.metadata.max.bytes",
        "4096",
        0,
        1 << 16,
        "The metadata of a committed offset.",
        "Small: commits are refused. Large: memory.");
    number(
        "offsets.retention.minutes",
        "10080",
        1,
        Integer.MAX_VALUE,
        "How long the offsets of a group without members are kept.",
        "Small: a group that was stopped begins anew. Large: groups that nobody uses take memory.");
  }

  /** In the order of the reference page. */
  static Collection<Setting> all() {
    return Collections.unmodifiableCollection(ALL.values());
  }

  static Set<String> names() {
    return Collections.unmodifiableSet(ALL.keySet());
  }

  /** The default, for a key whose default is the same on every machine. */
  static String orElse(String key) {
    return Objects.requireNonNull(ALL.get(key), key).orElse();
  }

  /** INVALID_CONFIG when the value is not within the bounds of the reference page. */
  static void requireAllowed(String key, long value) {
    Values values = Objects.requireNonNull(ALL.get(key), key).values();
    Settings.require(values.allow(Long.toString(value)), key, value, values.expected());
  }

  private static void text(String name, String orElse, String expected, String meaning) {
    ALL.put(name, new Setting(name, new Values.Text(expected), orElse, meaning, ""));
  }

  private static void number(
      String name, String orElse, long min, long max, String meaning, String extremes) {
    Values values = new Values.WholeNumber(min, max);
    ALL.put(name, new Setting(name, values, orElse, meaning, extremes));
  }

  private static void threads(String name, String orElse, String meaning, String small) {
    number(name, orElse, 1, ThreadSettings.MOST, meaning, small + " Large: no gain.");
  }
}
