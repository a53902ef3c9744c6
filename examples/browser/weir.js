// What a program needs to talk to Weir: rsocket-js and nothing of ours. For Node and for browsers.
import { RSocketConnector } from "rsocket-core";
import {
  decodeCompositeMetadata,
  encodeCompositeMetadata,
  encodeRoute,
  WellKnownMimeType,
} from "rsocket-composite-metadata";

const RECORD = "application/x.weir.record+json";

/** Asks for as much as there is, for ever. */
export const UNBOUNDED = 2 ** 31 - 1;

// Of the table of errors in docs/protocol.md, those that may pass.
const RETRIABLE = new Set([
  0x100a, 0x100b, 0x100c, 0x1016, 0x1017, 0x1018, 0x1019, 0x101a, 0x101b, 0x101c, 0x101d, 0x1020,
  0x1022, 0x1025,
]);

/** Whether it may help to connect and subscribe again. What has no code of Weir's is a lost connection. */
export function isRetriable(error) {
  return !(error?.code >= 0x1000) || RETRIABLE.has(error.code);
}

/** Connects. Data is JSON, so that answers to control routes are JSON as well. */
export function connect(transport) {
  return new RSocketConnector({
    transport,
    setup: {
      dataMimeType: "application/json",
      metadataMimeType: WellKnownMimeType.MESSAGE_RSOCKET_COMPOSITE_METADATA.string,
      keepAlive: 20_000,
      lifetime: 90_000,
    },
  }).connect();
}

/** A message for a route; `record` is what a produced record has beside its value. */
export function message(route, data, record) {
  const entries = [[WellKnownMimeType.MESSAGE_RSOCKET_ROUTING, encodeRoute(route)]];
  if (record) {
    entries.push([RECORD, Buffer.from(JSON.stringify(record))]);
  }
  return { data: Buffer.from(data ?? ""), metadata: encodeCompositeMetadata(entries) };
}

/** A dot in a topic's name would do, but a percent sign has to be encoded: so everything is. */
export function topicRoute(topic, what) {
  return `topics.${encodeURIComponent(topic)}.${what}`;
}

/** One request, one JSON answer; rejects with an error that has the `code` of the ERROR frame. */
export function ask(rsocket, route, data, record) {
  return new Promise((resolve, reject) => {
    rsocket.requestResponse(message(route, data, record), {
      onNext: (payload) => resolve(JSON.parse(payload.data.toString())),
      onComplete: () => resolve(undefined),
      onError: reject,
      onExtension: () => {},
    });
  });
}

/** A control route: object in, object out. Numbers of 64 bits come as strings. */
export function control(rsocket, route, request) {
  return ask(rsocket, route, JSON.stringify(request));
}

/** Stores one record and tells where: `{partition, offset}`. */
export function produce(rsocket, topic, value, record) {
  return ask(rsocket, topicRoute(topic, "produce"), value, record);
}

/**
 * Subscribes and asks for `first` records, at least one: RSocket knows no smaller beginning. Returns
 * the subscription with `request(n)` and `cancel()`. `onRecord` gets the record's coordinates, key and
 * headers with its `value`, a Buffer, or null for a tombstone.
 */
export function subscribe(rsocket, topic, options, first, { onRecord, onError }) {
  return rsocket.requestStream(
    message(topicRoute(topic, "subscribe"), JSON.stringify(options)),
    first,
    {
      onNext: (payload) => onRecord(recordOf(payload)),
      onComplete: () => onError(new Error("the subscription has ended")),
      onError,
      onExtension: () => {},
    },
  );
}

function recordOf(payload) {
  for (const entry of decodeCompositeMetadata(payload.metadata)) {
    if (entry.type === RECORD) {
      const record = JSON.parse(entry.content.toString());
      record.value = record.tombstone ? null : (payload.data ?? Buffer.alloc(0));
      return record;
    }
  }
  throw new Error(`a payload without ${RECORD}`);
}

/** The next offset of every partition: the end of the log, or its start. */
export async function positions(rsocket, topic, at) {
  const { topics } = await control(rsocket, "metadata", { topics: [topic] });
  const { topicId, partitions, error, errorMessage } = topics[0];
  if (error) {
    throw Object.assign(new Error(errorMessage), { code: 0x1000 + error });
  }
  const offsets = {};
  for (const { partition } of partitions) {
    const { offset } = await control(rsocket, "offsets.list", { topicId, partition, [at]: true });
    offsets[partition] = Number(offset);
  }
  return offsets;
}
